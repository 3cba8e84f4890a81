package io.lqrealtime.gateway.presence;

import static java.util.concurrent.CompletableFuture.failedFuture;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.gateway.session.ChannelPresence;
import io.lqrealtime.gateway.session.TenantChannel;
import io.lqrealtime.id.Channel;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.Place;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import io.lqrealtime.presence.ApplyOutcome;
import io.lqrealtime.presence.Owner;
import io.lqrealtime.presence.PresenceChange;
import io.lqrealtime.presence.PresenceDirectory;
import io.lqrealtime.presence.PresenceSnapshot;
import io.lqrealtime.presence.PresenceUnavailableException;
import io.lqrealtime.presence.memory.MemoryPresence;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GatewayPresenceTest {
  private static final TenantId ACME = new TenantId("acme");
  private static final TenantId OTHER = new TenantId("other");
  private static final UserId ANN = new UserId("ann");
  private static final Channel ROOM = new Channel("room");
  private static final Owner OWNER = new Owner(new GatewayId("gw"), 1);
  private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(20);

  private final MemoryPresence presence = new MemoryPresence(InstantSource.system());
  private final WriteProtected directory = new WriteProtected(presence.directory());

  /** What the gateway holds, with the tenant. */
  private final Map<PresenceChange.Joined, TenantId> there = new ConcurrentHashMap<>();

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private GatewayPresence gateway;

  /** Answers, and takes no changes of one tenant when told so. */
  private static final class WriteProtected implements PresenceDirectory {
    private final PresenceDirectory inner;
    private volatile Optional<TenantId> refused = Optional.empty();

    private WriteProtected(PresenceDirectory inner) {
      this.inner = inner;
    }

    @Override
    public CompletionStage<ApplyOutcome> apply(
        Owner owner, long stamp, TenantId tenant, List<PresenceChange> changes) {
      return refused.equals(Optional.of(tenant))
          ? failedFuture(new PresenceUnavailableException("by order"))
          : inner.apply(owner, stamp, tenant, changes);
    }

    @Override
    public CompletionStage<PresenceSnapshot> snapshot(
        TenantId tenant, Place place, int maxMembers) {
      return inner.snapshot(tenant, place, maxMembers);
    }

    @Override
    public void onDisruption(Runnable listener) {
      inner.onDisruption(listener);
    }
  }

  @BeforeEach
  void start() {
    gateway =
        new GatewayPresence(
            new GatewayPresence.Ports(
                directory, presence.maintenance(), presence.leases(), Duration.ofMinutes(1)),
            OWNER,
            visitor -> there.forEach((member, tenant) -> visitor.member(tenant, member)),
            meters,
            reason -> {});
    await(() -> count(ACME).isPresent());
  }

  @AfterEach
  void close() {
    gateway.close();
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + DEADLINE_NANOS;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(end);
      Thread.onSpinWait();
    }
  }

  /** How many are in the room; empty if that is unavailable. */
  private Optional<Integer> count(TenantId tenant) {
    CompletableFuture<Optional<ChannelPresence.Snapshot>> answer = new CompletableFuture<>();
    gateway.snapshot(tenant, ROOM, answer::complete);
    return answer.join().map(ChannelPresence.Snapshot::connections);
  }

  /** How many are in the room, once that is available. */
  private int present(TenantId tenant) {
    AtomicReference<Optional<Integer>> answer = new AtomicReference<>(Optional.empty());
    await(
        () -> {
          answer.set(count(tenant));
          return answer.get().isPresent();
        });
    return answer.get().orElseThrow();
  }

  private static PresenceChange.Joined member(String connection) {
    return new PresenceChange.Joined(ROOM, new ConnectionId(connection), ANN, 1);
  }

  private void join(TenantId tenant, String connection) {
    there.put(member(connection), tenant);
    gateway.joined(new TenantChannel(tenant, ROOM), new ConnectionId(connection), ANN, 1);
  }

  private void leave(TenantId tenant, String connection) {
    there.remove(member(connection));
    gateway.left(new TenantChannel(tenant, ROOM), new ConnectionId(connection), ANN);
  }

  @Test
  void whoAsksRightAfterSomethingHappenedHere_seesIt() {
    int unavailable = 0;
    for (int i = 1; i <= 50; i++) {
      join(ACME, "c" + i);
      Optional<Integer> atOnce = count(ACME);
      unavailable += atOnce.isEmpty() ? 1 : 0;
      assertThat(atOnce.orElseGet(() -> present(ACME))).isEqualTo(i);
    }
    // Where the machine stood still for longer than an answer may take.
    assertThat(unavailable).isLessThan(5);
    leave(ACME, "c1");
    assertThat(present(ACME)).isEqualTo(49);
  }

  @Test
  void whileAllIsWrittenAgain_anAnswerMayBeMissing_butIsNeverWrong() {
    for (int i = 1; i <= 50; i++) {
      presence.available(false);
      presence.available(true);
      join(ACME, "c" + i);
      int there = i;
      assertThat(count(ACME).orElse(there)).isEqualTo(there);
    }
    await(() -> count(ACME).equals(Optional.of(50)));
  }

  @Test
  void underAnotherGeneration_anAnswerMayBeMissing_butIsNeverWrong() {
    for (int i = 1; i <= 20; i++) {
      gateway.owner(new Owner(OWNER.gateway(), 1 + i));
      join(ACME, "c" + i);
      int there = i;
      assertThat(count(ACME).orElse(there)).isEqualTo(there);
      await(() -> count(ACME).equals(Optional.of(there)));
    }
  }

  @Test
  void viewThatIsNotWhole_isWrittenAgain_alsoWhereChangesAlwaysWait() {
    join(ACME, "a");
    await(() -> count(ACME).equals(Optional.of(1)));
    directory.refused = Optional.of(OTHER);
    join(OTHER, "x");
    await(() -> count(OTHER).isEmpty());
    double before = meters.get("lq.presence.rebuilds").counter().count();

    // What another process does that has found some of it missing; the gateway sees it as it
    // renews.
    presence.maintenance().sweep(OWNER);
    await(() -> meters.get("lq.presence.rebuilds").counter().count() > before);

    directory.refused = Optional.empty();
    await(() -> count(ACME).equals(Optional.of(1)) && count(OTHER).equals(Optional.of(1)));
  }

  @Test
  void tenantWithUnwrittenChanges_hasNoAnswer_ratherThanAWrongOne() {
    join(ACME, "a");
    join(OTHER, "x");
    await(() -> count(ACME).equals(Optional.of(1)) && count(OTHER).equals(Optional.of(1)));
    directory.refused = Optional.of(ACME);
    join(ACME, "b");
    await(() -> count(ACME).isEmpty());

    assertThat(present(OTHER)).isEqualTo(1);

    directory.refused = Optional.empty();
    assertThat(present(ACME)).isEqualTo(2);
  }
}
