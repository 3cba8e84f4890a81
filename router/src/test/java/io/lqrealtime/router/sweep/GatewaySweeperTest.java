package io.lqrealtime.router.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.Region;
import io.lqrealtime.record.ControlRecord;
import io.lqrealtime.router.sweep.LeaseObserver.Observation;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class GatewaySweeperTest {
  private static final GatewayId G = new GatewayId("g");
  private static final Region REGION = new Region("local");
  private static final Duration LEASE = Duration.ofSeconds(15);
  private static final Duration THIRD = LEASE.dividedBy(3);

  private final Map<GatewayId, Long> leases = new java.util.HashMap<>();
  private final Map<Integer, Map<GatewayId, Long>> living = new TreeMap<>();
  private final List<ControlRecord.GatewayDown> written = new ArrayList<>();
  private String epoch = "e1";
  private boolean reachable = true;
  private long now = 1_000;

  private final GatewaySweeper sweeper =
      new GatewaySweeper(this::observe, () -> living, written::add, REGION, LEASE, () -> now);

  @Test
  void gatewayWithoutLeaseForALeaseTime_isDeclaredDownInEachPartition() throws Exception {
    living.put(0, Map.of(G, 4L));
    living.put(3, Map.of(G, 3L));

    ticks(3);
    assertThat(written).isEmpty();
    ticks(1);

    assertThat(written).containsExactly(down(0, 4), down(3, 3));
  }

  @Test
  void gatewayStillHeldForLiving_isDeclaredAgainOnlyAfterAnotherLeaseTime() throws Exception {
    living.put(0, Map.of(G, 4L));
    ticks(4);
    ticks(2);
    assertThat(written).hasSize(1);
    ticks(1);
    assertThat(written).hasSize(2);
  }

  @Test
  void gatewayWithLease_isLeftAlone() throws Exception {
    living.put(0, Map.of(G, 4L));
    leases.put(G, 4L);

    ticks(10);

    assertThat(written).isEmpty();
  }

  @Test
  void leaseThatComesBack_startsTheClockAnew() throws Exception {
    living.put(0, Map.of(G, 4L));
    ticks(3);
    leases.put(G, 4L);
    ticks(1);
    leases.clear();
    ticks(3);

    assertThat(written).isEmpty();
  }

  @Test
  void failedObservation_startsTheClockAnew() throws Exception {
    living.put(0, Map.of(G, 4L));
    ticks(3);
    reachable = false;
    ticks(1);
    reachable = true;
    ticks(3);
    assertThat(written).isEmpty();
    ticks(1);
    assertThat(written).hasSize(1);
  }

  @Test
  void anotherEpoch_startsTheClockAnew() throws Exception {
    living.put(0, Map.of(G, 4L));
    ticks(3);
    epoch = "e2";
    ticks(3);
    assertThat(written).isEmpty();
    ticks(1);
    assertThat(written).hasSize(1);
  }

  @Test
  void observationThatComesLate_startsTheClockAnew() throws Exception {
    living.put(0, Map.of(G, 4L));
    ticks(1);
    now += LEASE.toNanos();
    ticks(3);

    assertThat(written).isEmpty();
  }

  @Test
  void newerGenerationWithLease_leavesTheOldOneToBeDeclared() throws Exception {
    living.put(0, Map.of(G, 4L));
    leases.put(G, 5L);

    ticks(4);

    assertThat(written).containsExactly(down(0, 4));
  }

  @Test
  void newGenerationInThePartition_startsTheClockAnew() throws Exception {
    living.put(0, Map.of(G, 4L));
    ticks(3);
    living.put(0, Map.of(G, 5L));
    ticks(3);

    assertThat(written).isEmpty();
  }

  private void ticks(int count) throws InterruptedException {
    for (int i = 0; i < count; i++) {
      sweeper.tick();
      now += THIRD.toNanos();
    }
  }

  private Observation observe() throws IOException {
    if (!reachable) {
      throw new IOException("no Redis");
    }
    return new Observation(epoch, leases);
  }

  private static ControlRecord.GatewayDown down(int partition, long generation) {
    return new ControlRecord.GatewayDown(
        new ControlRecord.Origin(G, generation, 1, REGION, partition));
  }
}
