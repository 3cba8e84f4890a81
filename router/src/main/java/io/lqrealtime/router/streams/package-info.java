/** The router on Kafka Streams: topology, stores, settings and what happens when Kafka fails. */
@NullMarked
package io.lqrealtime.router.streams;

import org.jspecify.annotations.NullMarked;
