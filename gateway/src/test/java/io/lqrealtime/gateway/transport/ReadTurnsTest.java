package io.lqrealtime.gateway.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.id.TenantId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ReadTurnsTest {
  private static final TenantId ACME = new TenantId("acme");
  private static final TenantId GLOBEX = new TenantId("globex");
  private static final long QUANTUM = ReadTurns.QUANTUM_NANOS;

  private long now;
  private final AtomicInteger rung = new AtomicInteger();
  private final List<String> read = new ArrayList<>();
  private final ReadTurns turns = new ReadTurns(() -> now, rung::incrementAndGet);

  /** Has so many reads to make, each of which takes so long. */
  private final class Client implements ReadTurns.Reader {
    private final String name;
    private final long takes;
    private int left;

    private Client(String name, long takes, int left) {
      this.name = name;
      this.takes = takes;
      this.left = left;
    }

    @Override
    public boolean readTurn() {
      now += takes;
      read.add(name);
      return --left > 0;
    }
  }

  @Test
  void tenantWhoseTimeIsOver_waitsUntilTheSocketsHaveBeenLookedAt() {
    ReadTurns.Tenant acme = turns.open(ACME);
    ReadTurns.Tenant globex = turns.open(GLOBEX);
    assertThat(acme.mayRead()).isTrue();
    assertThat(acme.isOver(now - QUANTUM + 1)).isFalse();
    assertThat(acme.isOver(now - QUANTUM)).isTrue();
    acme.used(QUANTUM);

    assertThat(acme.mayRead()).isFalse();
    assertThat(globex.mayRead()).isTrue();
    turns.takeTurns();
    assertThat(acme.mayRead()).isTrue();
  }

  @Test
  void tenantsTakeTurns_howeverManyClientsOneHas_andItsClientsTakeTurnsToo() {
    ReadTurns.Tenant acme = turns.open(ACME);
    ReadTurns.Tenant globex = turns.open(GLOBEX);
    for (int i = 0; i < 100; i++) {
      acme.await(new Client("a" + i, QUANTUM / 2, 2));
    }
    globex.await(new Client("g", QUANTUM / 4, 6));
    assertThat(rung).hasValue(1);
    assertThat(turns.waiting()).isEqualTo(101);

    turns.takeTurns();
    turns.takeTurns();

    assertThat(read).containsExactly("a0", "a1", "g", "a2", "a3", "g");
    assertThat(acme.mayRead()).as("others of its clients wait").isFalse();
    for (int i = 0; i < 200; i++) {
      turns.takeTurns();
    }
    assertThat(read).hasSize(206);
    assertThat(turns.areDue()).isFalse();
    assertThat(turns.waiting()).isZero();
    assertThat(acme.mayRead()).isTrue();
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
    ReadTurns.Tenant acme = turns.open(ACME);
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
    ReadTurns.Tenant acme = turns.open(ACME);
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
    ReadTurns.Tenant acme = turns.open(ACME);
    assertThat(turns.open(ACME)).isSameAs(acme);
    acme.close();
    acme.close();

    assertThat(turns.open(ACME)).isNotSameAs(acme);
  }
}
