/** Between sockets and sessions: I/O threads, connections, what waits to go out, timers. */
@NullMarked
package io.lqrealtime.gateway.transport;

import org.jspecify.annotations.NullMarked;
