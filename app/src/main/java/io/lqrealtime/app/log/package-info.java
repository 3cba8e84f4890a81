/**
 * How events become lines of the log: whatever a client or a record brought into one is escaped.
 */
@NullMarked
package io.lqrealtime.app.log;

import org.jspecify.annotations.NullMarked;
