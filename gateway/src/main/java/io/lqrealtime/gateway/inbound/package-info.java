/** From clients to Kafka: messages and control records. */
@NullMarked
package io.lqrealtime.gateway.inbound;

import org.jspecify.annotations.NullMarked;
