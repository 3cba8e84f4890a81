/** From Kafka to clients: the gateway's topic, its chain of offsets, and which channels it has. */
@NullMarked
package io.lqrealtime.gateway.delivery;

import org.jspecify.annotations.NullMarked;
