package io.lqrealtime.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.id.TenantId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HandshakeGateTest {
  private static final TenantId ACME = new TenantId("acme");
  private static final TenantId GLOBEX = new TenantId("globex");

  private long nanos = 1;
  private final List<Runnable> ticks = new ArrayList<>();
  private final Map<TenantId, Integer> in = new HashMap<>();
  private int sentAway;

  @Test
  void withinTheRate_newcomersAreLetInAtOnce() {
    HandshakeGate gate = gate(100, Duration.ZERO);

    assertThat(come(gate, ACME, 10)).isEqualTo(10);

    assertThat(in).containsEntry(ACME, 10);
    assertThat(gate.waiting()).isZero();
    assertThat(ticks).isEmpty();
  }

  @Test
  void overTheRate_newcomersWait_andAreLetInAtTheRate() {
    HandshakeGate gate = gate(100, Duration.ZERO);

    assertThat(come(gate, ACME, 300)).isEqualTo(300);
    assertThat(in).containsEntry(ACME, 10);
    passes(Duration.ofSeconds(1));
    assertThat(in.get(ACME)).isBetween(109, 111);
    passes(Duration.ofSeconds(2));

    assertThat(in).containsEntry(ACME, 300);
    assertThat(gate.waiting()).isZero();
    assertThat(ticks).isEmpty();
  }

  @Test
  void moreThanCanBeLetInWithinTheLongestWait_areRefused() {
    HandshakeGate gate = gate(100, Duration.ZERO);

    assertThat(come(gate, ACME, 10_000)).isEqualTo(10 + 500);

    assertThat(gate.waiting()).isEqualTo(500);
    passes(Duration.ofSeconds(HandshakeGate.MAX_WAIT_SECONDS));
    assertThat(in).containsEntry(ACME, 510);
  }

  @Test
  void tenantsTakeTurns_soThatOneTenantsStormKeepsNobodyElseOut() {
    HandshakeGate gate = gate(100, Duration.ZERO);
    come(gate, ACME, 10_000);

    assertThat(come(gate, GLOBEX, 20)).isEqualTo(20);
    passes(Duration.ofMillis(500));

    assertThat(in).containsEntry(GLOBEX, 20);
  }

  @Test
  void manyTenants_areBoundedTogether() {
    HandshakeGate gate = gate(10, Duration.ZERO);
    come(gate, ACME, 1000);

    int admitted = 0;
    for (int i = 0; i < 1000; i++) {
      admitted += come(gate, new TenantId("t" + i), 1);
    }

    assertThat(admitted).isEqualTo(50);
    assertThat(gate.waiting()).isEqualTo(100);
  }

  @Test
  void whoHasWaitedForTheLongestTime_isSentAway_thoughOthersCameLaterAndAreLetIn() {
    HandshakeGate gate = gate(10, Duration.ZERO);
    come(gate, ACME, 51);
    for (int second = 0; second < HandshakeGate.MAX_WAIT_SECONDS; second++) {
      assertThat(come(gate, GLOBEX, 5)).isEqualTo(5);
      assertThat(sentAway).isZero();
      passes(Duration.ofSeconds(1));
    }
    passes(HandshakeGate.LOOK);

    assertThat(gate.waiting()).isZero();
    assertThat(in.get(GLOBEX)).isEqualTo(25);
    assertThat(in.get(ACME) + sentAway).isEqualTo(51);
    assertThat(sentAway).isBetween(20, 26);
    passes(Duration.ofSeconds(10));
    assertThat(ticks).isEmpty();
    assertThat(in.get(ACME) + sentAway).isEqualTo(51);
  }

  @Test
  void lateTick_sendsNobodyAwayWhoseTurnHasCome() {
    HandshakeGate gate = gate(10, Duration.ZERO);
    come(gate, ACME, 51);
    passes(Duration.ofMillis(4_900));
    assertThat(gate.waiting()).isEqualTo(1);

    nanos += Duration.ofMillis(300).toNanos();
    passes(HandshakeGate.TICK);

    assertThat(in).containsEntry(ACME, 51);
    assertThat(sentAway).isZero();
  }

  @Test
  void afterTheStart_theRateRisesFromAQuarter() {
    assertThat(lettingInAfter(Duration.ZERO)).isBetween(250, 340);
    assertThat(lettingInAfter(Duration.ofSeconds(5))).isBetween(600, 750);
    assertThat(lettingInAfter(Duration.ofSeconds(10))).isBetween(1000, 1100);
  }

  private HandshakeGate gate(int perSecond, Duration ramp) {
    return new HandshakeGate(
        new HandshakeLimits(perSecond, ramp, Duration.ofSeconds(10), 100),
        () -> nanos,
        (delay, task) -> ticks.add(task));
  }

  private int come(HandshakeGate gate, TenantId tenant, int count) {
    int admitted = 0;
    for (int i = 0; i < count; i++) {
      int before = sentAway;
      gate.enter(tenant, () -> in.merge(tenant, 1, Integer::sum), () -> sentAway++);
      admitted += before == sentAway ? 1 : 0;
    }
    return admitted;
  }

  /** How many of a crowd are let in within a second, at this age of a gate with a ramp of 10 s. */
  private int lettingInAfter(Duration age) {
    in.clear();
    ticks.clear();
    HandshakeGate gate = gate(1000, Duration.ofSeconds(10));
    passes(age);
    come(gate, ACME, 2000);
    passes(Duration.ofSeconds(1));
    return in.get(ACME);
  }

  private void passes(Duration time) {
    long end = nanos + time.toNanos();
    while (nanos < end) {
      nanos += HandshakeGate.TICK.toNanos();
      List<Runnable> due = List.copyOf(ticks);
      ticks.clear();
      due.forEach(Runnable::run);
    }
  }
}
