package io.lqrealtime.presence;

import static io.lqrealtime.presence.Eventually.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import io.lqrealtime.presence.PresenceChange.Joined;
import io.lqrealtime.presence.memory.MemoryPresence;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class PresenceSweeperTest {
  private static final Duration LEASE = Duration.ofSeconds(9);
  private static final Duration TICK = LEASE.dividedBy(3);
  private static final Owner DEAD = new Owner(new GatewayId("dead"), 1);
  private static final Owner REBORN = new Owner(new GatewayId("dead"), 2);
  private static final Owner LIVING = new Owner(new GatewayId("living"), 1);

  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.ofEpochSecond(1));
  private final MemoryPresence presence = new MemoryPresence(now::get);
  private final PresenceSweeper sweeper =
      new PresenceSweeper(
          presence.maintenance(),
          presence.leases(),
          LEASE,
          () -> now.get().toEpochMilli() * 1_000_000);

  @Test
  void ownerWithALease_stays() throws InterruptedException {
    writes(LIVING);
    for (int i = 0; i < 20; i++) {
      renews(LIVING);
      tick();
    }

    assertThat(owners()).containsExactly(LIVING);
  }

  @Test
  void ownerWithoutALease_isSweptAfterTwoLeaseTimes_andNotBefore() throws InterruptedException {
    writes(LIVING);
    writes(DEAD);
    renews(DEAD);
    int ticks = 0;
    while (owners().contains(DEAD) && ticks < 20) {
      renews(LIVING);
      tick();
      ticks++;
    }

    // Its lease holds for three ticks, and then it is missed for six.
    assertThat(ticks).isEqualTo(10);
    assertThat(owners()).containsExactly(LIVING);
  }

  @Test
  void ownerThatComesBackInTime_stays() throws InterruptedException {
    writes(DEAD);
    for (int i = 0; i < 30; i++) {
      if (i % 8 == 0) {
        renews(DEAD);
      }
      tick();
    }

    assertThat(owners()).containsExactly(DEAD);
  }

  @Test
  void ownerWhoseGatewayHasStartedAnew_isSweptAtOnce() throws InterruptedException {
    writes(DEAD);
    writes(REBORN);
    renews(REBORN);

    tick();

    assertThat(owners()).containsExactly(REBORN);
  }

  @Test
  void timeThroughWhichNothingWasSeen_doesNotCount() throws InterruptedException {
    writes(DEAD);
    for (int i = 0; i < 5; i++) {
      tick();
    }
    presence.available(false);
    tick();
    presence.available(true);
    for (int i = 0; i < 6; i++) {
      tick();
      assertThat(owners()).containsExactly(DEAD);
    }
    now.updateAndGet(instant -> instant.plus(LEASE));
    for (int i = 0; i < 6; i++) {
      tick();
      assertThat(owners()).containsExactly(DEAD);
    }
    tick();

    assertThat(owners()).isEmpty();
  }

  @Test
  void flush_startsTheClocksAnew() throws InterruptedException {
    writes(DEAD);
    for (int i = 0; i < 5; i++) {
      tick();
    }
    presence.flush();
    writes(DEAD);
    for (int i = 0; i < 6; i++) {
      tick();
      assertThat(owners()).containsExactly(DEAD);
    }
    tick();

    assertThat(owners()).isEmpty();
  }

  private void tick() throws InterruptedException {
    sweeper.tick();
    now.updateAndGet(instant -> instant.plus(TICK));
  }

  private void renews(Owner owner) {
    get(presence.leases().renew(owner, LEASE, Backlog.NONE));
  }

  private void writes(Owner owner) {
    Joined joined =
        new Joined(new Channel("room"), new ConnectionId("c"), new UserId("alice"), 1_000);
    get(presence.directory().apply(owner, 1, new TenantId("acme"), List.of(joined)));
  }

  private Set<Owner> owners() {
    return get(presence.maintenance().owners());
  }
}
