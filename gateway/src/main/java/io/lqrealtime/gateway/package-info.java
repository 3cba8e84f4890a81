/** The edge: WebSocket clients on one side, Kafka on the other. */
@NullMarked
package io.lqrealtime.gateway;

import org.jspecify.annotations.NullMarked;
