package io.lqrealtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.bench.faults.FaultOutcome;
import io.lqrealtime.bench.faults.FaultPlan;
import io.lqrealtime.bench.faults.FaultRun;
import io.lqrealtime.bench.faults.schedule.Fault;
import io.lqrealtime.bench.load.StopSignal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * A short run of what {@code lq bench faults} does at length: a few faults that mend quickly, in an
 * order that the seed decides. {@code -Dlq.faults.seed=N} runs a former one again.
 */
class FaultsTest {
  private static final Set<Fault> QUICK =
      Set.of(
          Fault.KILL_GATEWAY,
          Fault.FLUSH_REDIS,
          Fault.DELETE_GATEWAY_TOPIC,
          Fault.KILL_ROUTER,
          Fault.STOP_ROUTER);

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path directory;

  @Test
  void everyAckedMessage_underAFewFaults_reachesEverySubscriberOnceAndInOrder() throws Exception {
    long seed = Long.getLong("lq.faults.seed", ThreadLocalRandom.current().nextInt(1_000_000));
    System.out.println("seed " + seed + ": -Dlq.faults.seed=" + seed + " runs it again");
    FaultOutcome outcome =
        new FaultRun(
                new FaultPlan(
                    seed, Duration.ofSeconds(25), Duration.ofSeconds(1), 60, 2, QUICK, directory),
                new StopSignal(),
                System.out::println)
            .run();
    System.out.println(outcome.verdict().figures());

    assertThat(outcome.verdict().findings()).as("seed %d, %s", seed, directory).isEmpty();
    assertThat(outcome.problems()).as("seed %d, %s", seed, directory).isEmpty();
    assertThat(outcome.verdict().complete()).isTrue();
    assertThat(outcome.verdict().figures().faults()).isPositive();
    assertThat(outcome.verdict().figures().received())
        .isGreaterThan(outcome.verdict().figures().acked());
    assertThat(outcome.catchUps()).as("of clients that come and go").containsKey("resume");
    assertThat(outcome.catchUps().get("resume")).isPositive();
  }
}
