/**
 * A real Kafka broker in this process and a real redis-server beside it, for laptops and for tests.
 * What runs here is what runs in production, only smaller: one node, few threads, few partitions.
 * Knows nothing of the other modules.
 */
@NullMarked
package io.lqrealtime.embedded;

import org.jspecify.annotations.NullMarked;
