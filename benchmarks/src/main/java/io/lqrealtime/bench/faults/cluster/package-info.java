/**
 * The service as it runs in production, on one machine and with all its parts in processes of their
 * own, so that each can be killed, stopped for a while and started again.
 */
@NullMarked
package io.lqrealtime.bench.faults.cluster;

import org.jspecify.annotations.NullMarked;
