package io.lqrealtime.presence;

import static io.lqrealtime.presence.Eventually.assertUnavailableWithin;
import static io.lqrealtime.presence.Eventually.eventually;
import static io.lqrealtime.presence.Eventually.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.presence.memory.MemoryPresence;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LeaseKeeperTest {
  private static final Owner OWNER = new Owner(new GatewayId("gw"), 3);
  private static final Owner NEXT = new Owner(new GatewayId("gw"), 4);
  private static final TenantId ACME = new TenantId("acme");
  private static final Duration TTL = Duration.ofMillis(600);

  private final MemoryPresence presence = new MemoryPresence(InstantSource.system());
  private final GatewayLeases leases = presence.leases();
  private final long begin = System.nanoTime();
  private volatile Backlog backlog = Backlog.NONE;
  private final List<LeaseEvent> events = new CopyOnWriteArrayList<>();
  private final List<LeaseKeeper> keepers = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    keepers.forEach(LeaseKeeper::close);
  }

  private LeaseKeeper start(Duration ttl, Consumer<LeaseEvent> listener) {
    LeaseKeeper keeper =
        LeaseKeeper.start(
            leases,
            OWNER,
            ttl,
            () -> backlog,
            event -> {
              events.add(event);
              listener.accept(event);
            });
    keepers.add(keeper);
    return keeper;
  }

  private LeaseKeeper start(Consumer<LeaseEvent> listener) {
    return start(TTL, listener);
  }

  private LeaseKeeper start() {
    return start(event -> {});
  }

  private <T extends LeaseEvent> List<T> told(Class<T> type) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }

  private void awaitTold(Class<? extends LeaseEvent> type, int times) {
    eventually(() -> assertThat(told(type)).hasSizeGreaterThanOrEqualTo(times));
  }

  private boolean held(Owner owner) {
    return get(leases.observe()).holds(owner);
  }

  @Test
  void start_takesTheLeaseAndRenewsItPastItsTime() {
    start();
    awaitTold(LeaseEvent.Renewed.class, 6);

    eventually(() -> assertThat(held(OWNER)).isTrue());
    assertThat(told(LeaseEvent.Renewed.class).getFirst().owner()).isEqualTo(OWNER);
  }

  @Test
  void renewNow_renewsAtOnce() {
    LeaseKeeper keeper = start();
    int renewals = 50;
    for (int n = 1; n <= renewals; n++) {
      awaitTold(LeaseEvent.Renewed.class, n);
      keeper.renewNow();
    }
    // By the lease time alone it would be ten seconds.
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(TTL.multipliedBy(10));
  }

  @Test
  void backlog_goesWithEachRenewal() {
    backlog = new Backlog(false, Set.of(ACME));
    start();
    awaitTold(LeaseEvent.Renewed.class, 1);
    get(presence.maintenance().written(OWNER, get(presence.maintenance().epoch())));
    // Where the machine stands still the lease runs out, until the next renewal.
    eventually(
        () ->
            assertUnavailableWithin(
                TTL, presence.directory().snapshot(ACME, new Channel("room"), 10)));
    eventually(
        () -> get(presence.directory().snapshot(new TenantId("other"), new Channel("room"), 10)));
    backlog = Backlog.NONE;

    eventually(() -> get(presence.directory().snapshot(ACME, new Channel("room"), 10)));
  }

  @Test
  void close_givesTheLeaseUpAndEndsTheRenewals() {
    LeaseKeeper keeper = start();
    awaitTold(LeaseEvent.Renewed.class, 1);
    keeper.close();

    assertThat(held(OWNER)).isFalse();
  }

  @Test
  void outageLongerThanTheLease_isToldOnceAndIsNotOversleeping() {
    // Long enough for the keeper not to oversleep on a machine that stands still.
    Duration ttl = Duration.ofSeconds(3);
    start(ttl, event -> {});
    awaitTold(LeaseEvent.Renewed.class, 1);
    presence.available(false);
    awaitTold(LeaseEvent.Lost.class, 1);
    long begin = System.nanoTime();
    eventually(() -> assertThat(System.nanoTime() - begin).isGreaterThan(ttl.toNanos()));
    presence.available(true);
    awaitTold(LeaseEvent.Back.class, 1);

    assertThat(told(LeaseEvent.Lost.class)).hasSize(1);
    assertThat(told(LeaseEvent.Back.class).getFirst().outage()).isGreaterThan(ttl);
    assertThat(told(LeaseEvent.Back.class).getFirst().lapsed()).isTrue();
    assertThat(told(LeaseEvent.Overslept.class)).isEmpty();
    assertThat(held(OWNER)).isTrue();
  }

  @Test
  void flush_isToldAsANewEpochAndTheLeaseIsTakenAgain() {
    start(Duration.ofSeconds(10), event -> {});
    awaitTold(LeaseEvent.Renewed.class, 1);
    presence.flush();
    awaitTold(LeaseEvent.EpochChanged.class, 1);

    eventually(() -> assertThat(held(OWNER)).isTrue());
    assertThat(told(LeaseEvent.Overslept.class)).isEmpty();
  }

  @Test
  void newerGeneration_isToldOnceAndNothingIsRenewedAnyMore() {
    start();
    awaitTold(LeaseEvent.Renewed.class, 1);
    // Longer than any turn of the keeper, which else might come when the newer lease has run out.
    get(leases.renew(NEXT, Duration.ofMinutes(1), Backlog.NONE));
    awaitTold(LeaseEvent.Fenced.class, 1);
    get(leases.release(NEXT));
    long begin = System.nanoTime();
    eventually(() -> assertThat(System.nanoTime() - begin).isGreaterThan(TTL.toNanos()));

    assertThat(told(LeaseEvent.Fenced.class)).containsExactly(new LeaseEvent.Fenced(OWNER, 4));
    assertThat(get(leases.observe()).generations()).isEmpty();
  }

  @Test
  void ownThreadAsleepForALeaseTime_isToldAsOversleptAndTheNextGenerationIsRenewed()
      throws InterruptedException {
    CountDownLatch asleep = new CountDownLatch(1);
    start(
        event -> {
          if (event instanceof LeaseEvent.Renewed && asleep.getCount() > 0) {
            // What a paused process looks like to the keeper: its thread does not come around.
            try {
              Thread.sleep(2 * TTL.toMillis());
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            asleep.countDown();
          } else if (event instanceof LeaseEvent.Overslept) {
            keepers.getFirst().owner(NEXT);
          }
        });
    assertThat(asleep.await(10, TimeUnit.SECONDS)).isTrue();

    eventually(() -> assertThat(held(NEXT)).isTrue());
    assertThat(told(LeaseEvent.Overslept.class).getFirst().silent()).isGreaterThan(TTL);
    assertThat(told(LeaseEvent.Overslept.class)).hasSize(1);
  }

  @Test
  void oversleptLease_isToldOnce_howeverLongTheNextGenerationTakes() {
    start();
    awaitTold(LeaseEvent.Renewed.class, 1);
    get(leases.release(OWNER));
    awaitTold(LeaseEvent.Overslept.class, 1);
    get(leases.release(OWNER));
    awaitTold(LeaseEvent.Renewed.class, told(LeaseEvent.Renewed.class).size() + 2);
    assertThat(told(LeaseEvent.Overslept.class)).hasSize(1);

    keepers.getFirst().owner(NEXT);
    eventually(() -> assertThat(held(NEXT)).isTrue());
    get(leases.release(NEXT));
    awaitTold(LeaseEvent.Overslept.class, 2);
  }

  @Test
  void leaseGoneInAStoreThatAnsweredAllAlong_isToldAsOverslept() {
    start();
    awaitTold(LeaseEvent.Renewed.class, 1);
    get(leases.release(OWNER));

    awaitTold(LeaseEvent.Overslept.class, 1);
  }

  @Test
  void listenerThatThrows_doesNotEndTheRenewals() {
    start(
        event -> {
          throw new IllegalStateException("by order");
        });

    awaitTold(LeaseEvent.Renewed.class, 3);
  }
}
