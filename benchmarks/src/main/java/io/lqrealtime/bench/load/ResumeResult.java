package io.lqrealtime.bench.load;

import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * What came of a {@link ResumeRun}.
 *
 * @param first how the connections were opened the first time
 * @param back how they came back: ready is who has caught up
 * @param expected messages that all together had missed
 * @param received of them, in the second half of the run
 * @param outOfOrder messages that were not the next one
 * @param toldOfLoss subscriptions that were not recovered
 * @param calm latencies of a pair of clients that stayed, before messages were published for the
 *     others
 * @param bystander latencies of that pair while the others came back
 */
public record ResumeResult(
    ConnectResult first,
    ConnectResult back,
    boolean interrupted,
    long expected,
    long received,
    long outOfOrder,
    long toldOfLoss,
    Histogram calm,
    Histogram bystander,
    Map<String, Long> errors,
    Map<String, Long> endings) {}
