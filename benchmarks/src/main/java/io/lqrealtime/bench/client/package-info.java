/**
 * A WebSocket client (RFC 6455) that costs little enough to stand on the machine it measures: one
 * selector thread serves thousands of connections, an idle connection holds no buffer, and text
 * frames are handed over as slices of the bytes that were read.
 *
 * <p>{@link io.lqrealtime.bench.client.WebSocketClient} is the way in for load, {@link
 * io.lqrealtime.bench.client.BlockingClient} the one for tests and command-line tools.
 */
@NullMarked
package io.lqrealtime.bench.client;

import org.jspecify.annotations.NullMarked;
