/** The gateway's part in presence: its lease, and who is connected here. */
@NullMarked
package io.lqrealtime.gateway.presence;

import org.jspecify.annotations.NullMarked;
