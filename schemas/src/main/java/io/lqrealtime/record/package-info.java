/** What is written to Kafka: control records of the inbound log and records of gateway topics. */
@NullMarked
package io.lqrealtime.record;

import org.jspecify.annotations.NullMarked;
