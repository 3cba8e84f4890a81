package io.lqrealtime.gateway.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.gateway.session.IoThread;
import io.lqrealtime.gateway.session.Turn;
import io.lqrealtime.id.TenantId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TenantTurnsTest {
  private static final TenantId ACME = new TenantId("acme");
  private static final TenantId GLOBEX = new TenantId("globex");
  private static final long QUANTUM = TenantTurns.QUANTUM_NANOS;

  private long now;

  /** What it takes to write what a piece of work has queued. */
  private long writing;

  private final AtomicInteger rung = new AtomicInteger();
  private final List<String> read = new ArrayList<>();
  private final TenantTurns turns =
      new TenantTurns(() -> now, rung::incrementAndGet, () -> now += writing, new Later());

  private final List<Duration> delays = new ArrayList<>();
  private final List<Runnable> later = new ArrayList<>();

  private final class Later implements IoThread {
    @Override
    public void execute(Runnable task) {
      throw new AssertionError("nothing is for at once");
    }

    @Override
    public void executeAfter(Duration delay, Runnable task) {
      delays.add(delay);
      later.add(task);
    }
  }

  /** Has so many reads to make, each of which takes so long. */
  private final class Client implements Turn.Work {
    private final String name;
    private final long takes;
    private int left;

    private Client(String name, long takes, int left) {
      this.name = name;
      this.takes = takes;
      this.left = left;
    }

    @Override
    public boolean takeTurn() {
      now += takes;
      read.add(name);
      return --left > 0;
    }
  }

  @Test
  void tenantWhoseTimeIsOver_waitsUntilTheSocketsHaveBeenLookedAt() {
    TenantTurns.Tenant acme = turns.open(ACME);
    TenantTurns.Tenant globex = turns.open(GLOBEX);
    assertThat(acme.begin()).isTrue();
    now += QUANTUM - 1;
    assertThat(acme.isOver()).isFalse();
    assertThat(acme.begin()).as("within").isTrue();
    now++;
    assertThat(acme.isOver()).isTrue();
    assertThat(acme.begin()).as("within").isFalse();
    acme.end();
    acme.end();

    assertThat(acme.begin()).isFalse();
    assertThat(mayUse(globex)).isTrue();
    turns.takeTurns();
    assertThat(mayUse(acme)).isTrue();
  }

  @Test
  void timeInBetween_countsForNobody() {
    TenantTurns.Tenant acme = turns.open(ACME);
    for (int i = 0; i < 10; i++) {
      assertThat(acme.begin()).isTrue();
      now += QUANTUM / 10;
      acme.end();
      now += QUANTUM;
    }
    assertThat(acme.begin()).isFalse();
  }

  @Test
  void whatWorkHasWritten_isPartOfTheTurn() {
    writing = QUANTUM / 2;
    TenantTurns.Tenant acme = turns.open(ACME);
    for (int i = 0; i < 9; i++) {
      acme.await(new Client("a" + i, QUANTUM / 2, 1));
    }

    turns.takeTurns();
    assertThat(read).containsExactly("a0");
    turns.takeTurns();
    assertThat(read).containsExactly("a0", "a1");
  }

  @Test
  void workThatFails_endsNobodysTurn() {
    TenantTurns.Tenant acme = turns.open(ACME);
    acme.await(
        () -> {
          throw new IllegalStateException("a fault of ours");
        });
    acme.await(new Client("a", 1, 2));

    turns.takeTurns();
    turns.takeTurns();

    assertThat(read).containsExactly("a", "a");
    assertThat(turns.waiting()).isZero();
    assertThat(mayUse(acme)).isTrue();
  }

  @Test
  void workThatAsksForAnotherTurnItself_hasIt() {
    TenantTurns.Tenant acme = turns.open(ACME);
    Turn.Work[] twice = new Turn.Work[1];
    twice[0] =
        () -> {
          read.add("t");
          if (read.size() == 1) {
            acme.await(twice[0]);
          }
          return false;
        };
    acme.await(twice[0]);

    turns.takeTurns();
    assertThat(read).hasSize(1);
    assertThat(turns.waiting()).isEqualTo(1);
    turns.takeTurns();
    assertThat(read).hasSize(2);
    assertThat(turns.waiting()).isZero();
    assertThat(turns.areDue()).isFalse();
  }

  @Test
  void messages_areCountedUntilTheNextRun_whereAnotherTenantIsThere() {
    TenantTurns.Tenant acme = turns.open(ACME);
    turns.beginRun();
    acme.delivered(TenantTurns.DELIVERIES_IN_A_ROW);
    assertThat(acme.mayDeliver()).as("nobody else is there").isTrue();

    TenantTurns.Tenant globex = turns.open(GLOBEX);
    assertThat(acme.mayDeliver()).isFalse();
    assertThat(globex.mayDeliver()).isTrue();
    globex.delivered(TenantTurns.DELIVERIES_IN_A_ROW - 1);
    assertThat(globex.mayDeliver()).isTrue();
    globex.delivered(1);
    assertThat(globex.mayDeliver()).isFalse();

    turns.beginRun();
    assertThat(acme.mayDeliver()).isTrue();
    acme.delivered(1);
    assertThat(acme.mayDeliver()).isTrue();
  }

  @Test
  void tenantsTakeTurns_howeverManyClientsOneHas_andItsClientsTakeTurnsToo() {
    TenantTurns.Tenant acme = turns.open(ACME);
    TenantTurns.Tenant globex = turns.open(GLOBEX);
    for (int i = 0; i < 100; i++) {
      acme.await(new Client("a" + i, QUANTUM / 2, 2));
    }
    globex.await(new Client("g", QUANTUM / 4, 6));
    assertThat(rung).hasValue(1);
    assertThat(turns.waiting()).isEqualTo(101);

    turns.takeTurns();
    turns.takeTurns();

    assertThat(read).containsExactly("a0", "a1", "g", "a2", "a3", "g");
    assertThat(acme.begin()).as("others of its clients wait").isFalse();
    for (int i = 0; i < 200; i++) {
      turns.takeTurns();
    }
    assertThat(read).hasSize(206);
    assertThat(turns.areDue()).isFalse();
    assertThat(turns.waiting()).isZero();
    assertThat(mayUse(acme)).isTrue();
  }

  @Test
  void manyTenants_haveTheirTurnsInPieces_soThatSocketsAreLookedAtMeanwhile() {
    for (int i = 0; i < 20; i++) {
      turns.open(new TenantId("t" + i)).await(new Client("c" + i, QUANTUM, 2));
    }

    turns.takeTurns();
    assertThat(read).containsExactly("c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7");
    turns.takeTurns();
    turns.takeTurns();
    assertThat(read.subList(16, 24))
        .containsExactly("c16", "c17", "c18", "c19", "c0", "c1", "c2", "c3");
    assertThat(turns.waiting()).isEqualTo(16);
  }

  @Test
  void clientThatLeaves_isNotRead_andTheBellIsAskedForAgain() {
    TenantTurns.Tenant acme = turns.open(ACME);
    Client client = new Client("a", 1, 9);
    acme.await(client);
    acme.leave(client);
    acme.leave(client);
    assertThat(turns.waiting()).isZero();

    turns.takeTurns();
    assertThat(read).isEmpty();
    assertThat(turns.areDue()).isFalse();

    acme.await(client);
    acme.await(client);
    assertThat(turns.waiting()).isEqualTo(1);
    assertThat(rung).hasValue(2);
    turns.takeTurns();
    assertThat(read).containsExactly("a");
  }

  @Test
  void clientThatLeavesAndComesBackBeforeItsTurn_hasOneTurn() {
    TenantTurns.Tenant acme = turns.open(ACME);
    Client client = new Client("a", QUANTUM, 2);
    acme.await(client);
    acme.leave(client);
    acme.await(client);

    turns.takeTurns();
    assertThat(read).hasSize(1);
    turns.takeTurns();
    assertThat(read).hasSize(2);
    assertThat(turns.areDue()).isFalse();
  }

  @Test
  void tenantWithoutConnections_isForgotten() {
    TenantTurns.Tenant acme = turns.open(ACME);
    assertThat(turns.open(ACME)).isSameAs(acme);
    acme.close();
    acme.close();

    assertThat(turns.open(ACME)).isNotSameAs(acme);
  }

  @Test
  void tenantThatHasToPay_hasNoTurn_untilItHasMadeUpForIt() {
    TenantTurns.Tenant acme = turns.open(ACME);
    TenantTurns.Tenant globex = turns.open(GLOBEX);
    assertThat(acme.pay(TenantTurns.PAID_BURST_NANOS)).isFalse();
    assertThat(mayUse(acme)).isTrue();
    assertThat(acme.pay(5)).isTrue();
    assertThat(mayUse(acme)).isFalse();
    assertThat(mayUse(globex)).isTrue();

    acme.await(new Client("a", 1, 1));
    turns.takeTurns();
    assertThat(read).isEmpty();
    assertThat(turns.areDue()).as("looked at again and again").isFalse();
    assertThat(turns.waiting()).isEqualTo(1);
    assertThat(delays).containsExactly(Duration.ofNanos(5 * TenantTurns.PAID_SHARE));
    acme.await(new Client("b", 1, 1));
    assertThat(turns.areDue()).isFalse();

    now += 5 * TenantTurns.PAID_SHARE;
    later.getLast().run();
    assertThat(rung).hasValue(2);
    turns.takeTurns();
    assertThat(read).containsExactly("a", "b");
    assertThat(turns.waiting()).isZero();
    assertThat(mayUse(acme)).isTrue();
  }

  @Test
  void turn_isOverAsSoonAsThereIsSomethingToPay() {
    TenantTurns.Tenant acme = turns.open(ACME);
    acme.await(
        () -> {
          read.add("dear");
          acme.pay(TenantTurns.PAID_BURST_NANOS + 1);
          return true;
        });
    acme.await(new Client("a", 1, 1));

    turns.takeTurns();
    turns.takeTurns();

    assertThat(read).containsExactly("dear");
    assertThat(delays).hasSize(1);
  }

  @Test
  void whatATenantHasToPay_isFoundByItsClientsThatComeAnew_untilItIsMadeUpFor() {
    TenantTurns.Tenant acme = turns.open(ACME);
    acme.pay(TenantTurns.PAID_BURST_NANOS + 1);
    acme.close();
    assertThat(turns.open(ACME)).isSameAs(acme);
    assertThat(mayUse(acme)).isFalse();
    acme.close();

    now += 1;
    later.getLast().run();
    assertThat(turns.open(ACME)).isSameAs(acme);
    acme.close();
    now += (TenantTurns.PAID_BURST_NANOS + 1) * TenantTurns.PAID_SHARE;
    later.forEach(Runnable::run);
    assertThat(turns.open(ACME)).isNotSameAs(acme);
  }

  private static boolean mayUse(Turn turn) {
    if (turn.begin()) {
      turn.end();
      return true;
    }
    return false;
  }
}
