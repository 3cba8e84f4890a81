/** Presence and leases in memory: for tests, and for one process without Redis. */
@NullMarked
package io.lqrealtime.presence.memory;

import org.jspecify.annotations.NullMarked;
