package io.lqrealtime.bench.faults;

import io.lqrealtime.bench.faults.schedule.Fault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/**
 * One run.
 *
 * @param length of the time in which faults begin; starting, healing and judging come on top
 * @param pause between two faults, and up to 4 s more
 * @param perSecond messages a second, all publishers together
 * @param only the faults to choose from
 * @param directory where history, logs and data lie
 */
public record FaultPlan(
    long seed,
    Duration length,
    Duration pause,
    double perSecond,
    int tenants,
    Set<Fault> only,
    Path directory) {
  private static final double MOST_PER_SECOND = 20_000;
  private static final int MOST_TENANTS = 50;

  public FaultPlan {
    only = Set.copyOf(only);
    if (length.isNegative() || length.compareTo(Duration.ofDays(2)) > 0) {
      throw new IllegalArgumentException("the time must be from 0 to 2 days, not " + length);
    }
    if (pause.isNegative() || pause.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException("the pause must be from 0 to 1 h, not " + pause);
    }
    if (!(perSecond > 0 && perSecond <= MOST_PER_SECOND)) {
      throw new IllegalArgumentException("the rate must be above 0 and at most 20000");
    }
    if (tenants < 1 || tenants > MOST_TENANTS) {
      throw new IllegalArgumentException("tenants must be 1 to 50, not " + tenants);
    }
  }
}
