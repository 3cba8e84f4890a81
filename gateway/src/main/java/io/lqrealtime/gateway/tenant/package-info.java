/** The tenants that have connections here, and what each of them may have and do. */
@NullMarked
package io.lqrealtime.gateway.tenant;

import org.jspecify.annotations.NullMarked;
