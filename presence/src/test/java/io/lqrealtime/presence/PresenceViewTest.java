package io.lqrealtime.presence;

import static io.lqrealtime.presence.Eventually.assertUnavailableWithin;
import static io.lqrealtime.presence.Eventually.eventually;
import static io.lqrealtime.presence.Eventually.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.Place;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import io.lqrealtime.presence.PresenceChange.Joined;
import io.lqrealtime.presence.PresenceChange.Left;
import io.lqrealtime.presence.memory.MemoryPresence;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PresenceViewTest {
  private static final TenantId ACME = new TenantId("acme");
  private static final TenantId OTHER = new TenantId("other");
  private static final Channel ROOM = new Channel("room");
  private static final Owner OWNER = new Owner(new GatewayId("gw"), 3);
  private static final Owner NEXT = new Owner(new GatewayId("gw"), 4);

  private final MemoryPresence presence = new MemoryPresence(InstantSource.system());
  private final Gateway gateway = new Gateway();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final List<PresenceView> views = new CopyOnWriteArrayList<>();

  /** What a gateway holds, and tells its view of. */
  private static final class Gateway implements PresenceSource {
    private final Map<PresenceView.Key, Joined> members = new ConcurrentHashMap<>();

    @Override
    public void forEachMember(Visitor visitor) {
      members.forEach((key, member) -> visitor.member(key.tenant(), member));
    }

    private void join(PresenceView view, TenantId tenant, String connection) {
      Joined joined = joined(connection);
      members.put(new PresenceView.Key(tenant, ROOM, joined.connection()), joined);
      view.changed(tenant, joined);
    }

    private void leave(PresenceView view, TenantId tenant, String connection) {
      Left left = new Left(ROOM, new ConnectionId(connection));
      members.remove(new PresenceView.Key(tenant, ROOM, left.connection()));
      view.changed(tenant, left);
    }

    /** Loses it without telling the view. */
    private void forget(TenantId tenant, String connection) {
      members.remove(new PresenceView.Key(tenant, ROOM, new ConnectionId(connection)));
    }
  }

  /** Takes changes when it is told to. */
  private record SlowDirectory(PresenceDirectory inner, CompletableFuture<ApplyOutcome> answer)
      implements PresenceDirectory {
    @Override
    public CompletionStage<ApplyOutcome> apply(
        Owner owner, long stamp, TenantId tenant, List<PresenceChange> changes) {
      return answer;
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

  private static Joined joined(String connection) {
    return new Joined(ROOM, new ConnectionId(connection), new UserId("u-" + connection), 1);
  }

  @AfterEach
  void close() {
    views.forEach(PresenceView::close);
  }

  private PresenceView start(PresenceView.Options options) {
    get(presence.leases().renew(OWNER, Duration.ofMinutes(1), Backlog.NONE));
    PresenceView view =
        PresenceView.start(
            presence.directory(), presence.maintenance(), OWNER, gateway, options, registry);
    views.add(view);
    return view;
  }

  private PresenceView start() {
    PresenceView view = start(PresenceView.Options.DEFAULT);
    eventually(() -> assertThat(view.isSettled()).isTrue());
    return view;
  }

  private void awaitMembers(TenantId tenant, String... connections) {
    eventually(() -> assertThat(members(tenant)).containsExactlyInAnyOrder(connections));
  }

  private List<String> members(TenantId tenant) {
    // As its keeper does all along.
    get(presence.leases().renew(OWNER, Duration.ofMinutes(1), views.getLast().backlog()));
    return get(presence.directory().snapshot(tenant, ROOM, 1_000)).members().stream()
        .map(member -> member.connection().value())
        .toList();
  }

  private double count(String counter) {
    return registry.get(counter).counter().count();
  }

  @Test
  void changed_joinsAndLeaves_areInTheDirectoryShortlyAfter() {
    PresenceView view = start();
    gateway.join(view, ACME, "a");
    gateway.join(view, ACME, "b");
    gateway.join(view, OTHER, "c");
    awaitMembers(ACME, "a", "b");
    gateway.leave(view, ACME, "a");

    awaitMembers(ACME, "b");
    awaitMembers(OTHER, "c");
    assertThat(count("lq.presence.rebuilds")).isEqualTo(1);
    eventually(() -> assertThat(registry.get("lq.presence.pending").gauge().value()).isZero());
  }

  @Test
  void start_withMembersAlready_writesThem() {
    gateway.members.put(
        new PresenceView.Key(ACME, ROOM, new ConnectionId("early")), joined("early"));
    start();

    awaitMembers(ACME, "early");
  }

  @Test
  void directoryAway_changesAreWrittenOnceItIsBack() {
    PresenceView view = start();
    gateway.join(view, ACME, "a");
    gateway.join(view, ACME, "b");
    awaitMembers(ACME, "a", "b");
    presence.available(false);
    gateway.join(view, ACME, "c");
    gateway.leave(view, ACME, "a");
    eventually(() -> assertThat(count("lq.presence.failures")).isPositive());
    gateway.leave(view, ACME, "c");
    gateway.join(view, ACME, "d");
    presence.available(true);

    awaitMembers(ACME, "b", "d");
    eventually(() -> assertThat(view.isSettled()).isTrue());
  }

  @Test
  void tenantThatIsNotTaken_holdsUpNoOther_andIsWrittenOnceItIs() {
    PresenceView view = start();
    presence.available(ACME, false);
    gateway.join(view, ACME, "a");
    eventually(() -> assertThat(view.isBehind(ACME)).isTrue());
    for (int i = 0; i < 20; i++) {
      gateway.join(view, OTHER, "b" + i);
      eventually(() -> assertThat(view.isBehind(OTHER)).isFalse());
    }
    eventually(() -> assertThat(members(OTHER)).hasSize(20));
    assertThat(view.isBehind(ACME)).isTrue();
    assertThat(view.isSettled()).isFalse();

    presence.available(ACME, true);
    awaitMembers(ACME, "a");
    eventually(() -> assertThat(view.isSettled()).isTrue());
    assertThat(view.isBehind(ACME)).isFalse();
    assertThat(count("lq.presence.rebuilds")).isEqualTo(1);
  }

  @Test
  void manyTenantsThatAreNotTaken_holdUpNoOther() {
    PresenceView view = start();
    List<TenantId> away = IntStream.range(0, 100).mapToObj(i -> new TenantId("away" + i)).toList();
    for (TenantId tenant : away) {
      presence.available(tenant, false);
      gateway.join(view, tenant, "a");
    }
    eventually(() -> assertThat(away).allMatch(view::isBehind));
    List<Duration> times = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      long begin = System.nanoTime();
      gateway.join(view, OTHER, "b" + i);
      int there = i + 1;
      eventually(() -> assertThat(members(OTHER)).hasSize(there));
      times.add(Duration.ofNanos(System.nanoTime() - begin));
    }
    // With a pause that grew, as it would for a directory that is away, some would take seconds. So
    // may one or another on a machine that stands still.
    assertThat(times.stream().filter(time -> time.toMillis() > 1_500)).hasSizeLessThan(3);

    away.forEach(tenant -> presence.available(tenant, true));
    away.forEach(tenant -> awaitMembers(tenant, "a"));
    eventually(() -> assertThat(view.isSettled()).isTrue());
  }

  @Test
  void rebuildThatOneTenantFails_writesAllOthers_andTheTenantOnceItIsTaken() {
    PresenceView view = start();
    gateway.join(view, ACME, "a");
    gateway.join(view, OTHER, "b");
    awaitMembers(OTHER, "b");
    presence.available(ACME, false);
    gateway.forget(OTHER, "b");
    gateway.members.put(
        new PresenceView.Key(OTHER, ROOM, new ConnectionId("untold")), joined("untold"));
    view.rebuild();

    awaitMembers(OTHER, "untold");
    gateway.join(view, OTHER, "later");
    awaitMembers(OTHER, "untold", "later");
    eventually(() -> assertThat(view.isBehind(ACME)).isTrue());

    presence.available(ACME, true);
    eventually(() -> assertThat(view.isSettled()).isTrue());
    awaitMembers(ACME, "a");
    assertThat(view.isBehind(ACME)).isFalse();
  }

  @Test
  void whatIsAskedWhileAllIsWrittenAgain_waitsForIt() {
    PresenceView view = start();
    for (int i = 1; i <= 50; i++) {
      view.rebuild();
      gateway.join(view, ACME, "a" + i);
      CompletableFuture<Integer> there = new CompletableFuture<>();
      view.afterWrites(() -> there.complete(view.isBehind(ACME) ? -1 : members(ACME).size()));
      assertThat(get(there)).isEqualTo(i);
    }
    assertThat(registry.get("lq.presence.queries.waiting").gauge().value()).isZero();
  }

  @Test
  void whileTheDirectoryIsAway_allAreBehind_ifAllIsToBeWritten() {
    PresenceView view = start();
    eventually(() -> assertThat(view.isSettled()).isTrue());
    assertThat(view.isBehind(ACME)).isFalse();
    presence.available(false);
    view.rebuild();
    assertThat(view.isBehind(ACME)).isTrue();
    CompletableFuture<Boolean> asked = new CompletableFuture<>();
    view.afterWrites(() -> asked.complete(view.isBehind(ACME)));
    assertThat(get(asked)).isTrue();

    presence.available(true);
    eventually(() -> assertThat(view.isBehind(ACME)).isFalse());
  }

  @Test
  void rebuild_afterAFlush_writesTheWholeView() {
    PresenceView view = start();
    gateway.join(view, ACME, "a");
    gateway.join(view, OTHER, "b");
    awaitMembers(OTHER, "b");
    presence.flush();
    get(presence.leases().renew(OWNER, Duration.ofMinutes(1), Backlog.NONE));
    view.rebuild();

    awaitMembers(ACME, "a");
    awaitMembers(OTHER, "b");
  }

  @Test
  void flushThatNobodyTold_isNoticedByTheNextWrite() {
    PresenceView view = start();
    gateway.join(view, ACME, "a");
    gateway.join(view, OTHER, "b");
    awaitMembers(ACME, "a");
    awaitMembers(OTHER, "b");
    presence.flush();
    get(presence.leases().renew(OWNER, Duration.ofMinutes(1), Backlog.NONE));
    gateway.join(view, ACME, "c");

    awaitMembers(ACME, "a", "c");
    awaitMembers(OTHER, "b");
  }

  @Test
  void rebuild_removesWhatTheGatewayDoesNotHold() {
    PresenceView view = start();
    gateway.join(view, ACME, "a");
    gateway.join(view, ACME, "lost");
    gateway.join(view, OTHER, "lost-too");
    awaitMembers(ACME, "a", "lost");
    awaitMembers(OTHER, "lost-too");
    gateway.forget(ACME, "lost");
    gateway.forget(OTHER, "lost-too");
    view.rebuild();

    awaitMembers(ACME, "a");
    awaitMembers(OTHER);
  }

  @Test
  void changed_overTheBound_isWrittenByARebuild() {
    PresenceView view = start(new PresenceView.Options(Duration.ofMillis(5), 10));
    eventually(() -> assertThat(view.isSettled()).isTrue());
    presence.available(false);
    for (int n = 0; n < 100; n++) {
      gateway.join(view, ACME, "c" + n);
    }
    assertThat(view.backlog()).isEqualTo(Backlog.EVERYTHING);
    assertThat(registry.get("lq.presence.pending").gauge().value()).isLessThanOrEqualTo(20);
    presence.available(true);

    eventually(() -> assertThat(members(ACME)).hasSize(100));
    assertThat(count("lq.presence.rebuilds")).isGreaterThan(1);
    eventually(() -> assertThat(view.backlog()).isEqualTo(Backlog.NONE));
  }

  @Test
  void backlog_isOfThoseWhoseChangesAreNotTaken_untilTheyAre() {
    PresenceView view = start();
    gateway.join(view, ACME, "a");
    gateway.join(view, OTHER, "b");
    awaitMembers(OTHER, "b");
    eventually(() -> assertThat(view.backlog()).isEqualTo(Backlog.NONE));
    presence.available(ACME, false);
    gateway.join(view, ACME, "c");
    gateway.join(view, OTHER, "d");
    eventually(() -> assertThat(view.backlog()).isEqualTo(Backlog.of(Set.of(ACME))));
    awaitMembers(OTHER, "b", "d");
    // What was to be written is part of the whole from now on, and is not written with that either.
    view.rebuild();
    // The latter where the whole has been written meanwhile.
    assertThat(view.backlog()).isIn(Backlog.EVERYTHING, Backlog.of(Set.of(ACME)));
    eventually(() -> assertThat(view.backlog()).isEqualTo(Backlog.of(Set.of(ACME))));
    assertThat(count("lq.presence.rebuilds")).isGreaterThan(1);
    assertThat(view.isBehind(ACME)).isTrue();
    presence.available(ACME, true);
    view.retryNow();

    eventually(() -> assertThat(view.backlog()).isEqualTo(Backlog.NONE));
    awaitMembers(ACME, "a", "c");
  }

  @Test
  void wholeThatLackedATenantAndThenCouldNotBeTried_isTriedAgain() {
    PresenceView view = start();
    gateway.join(view, ACME, "a");
    awaitMembers(ACME, "a");
    presence.available(ACME, false);
    gateway.leave(view, ACME, "a");
    view.rebuild();
    eventually(() -> assertThat(view.backlog()).isEqualTo(Backlog.of(Set.of(ACME))));
    presence.available(false);
    view.retryNow();
    eventually(() -> assertThat(view.backlog()).isEqualTo(Backlog.EVERYTHING));
    presence.available(ACME, true);
    presence.available(true);

    awaitMembers(ACME);
    eventually(() -> assertThat(view.isSettled()).isTrue());
  }

  @Test
  void backlog_isEverything_whileTheWholeCannotBeWritten() {
    PresenceView view = start();
    presence.available(false);
    view.rebuild();
    eventually(() -> assertThat(view.backlog()).isEqualTo(Backlog.EVERYTHING));
    presence.available(true);

    eventually(() -> assertThat(view.backlog()).isEqualTo(Backlog.NONE));
  }

  @Test
  void backlog_hasWhatIsOnItsWayForLong() {
    CompletableFuture<ApplyOutcome> answer = new CompletableFuture<>();
    PresenceView view = start();
    view.close();
    PresenceDirectory slow = new SlowDirectory(presence.directory(), answer);
    PresenceView late =
        PresenceView.start(
            slow, presence.maintenance(), OWNER, gateway, PresenceView.Options.DEFAULT, registry);
    views.add(late);
    eventually(() -> assertThat(late.isSettled()).isTrue());
    gateway.join(late, ACME, "a");
    eventually(() -> assertThat(late.backlog()).isEqualTo(Backlog.of(Set.of(ACME))));
    gateway.join(late, OTHER, "b");
    assertThat(late.backlog()).isEqualTo(Backlog.of(Set.of(ACME, OTHER)));
    answer.complete(new ApplyOutcome.Applied());

    eventually(() -> assertThat(late.backlog()).isEqualTo(Backlog.NONE));
  }

  @Test
  void owner_anotherGeneration_hasTheWholeViewAndTheFormerIsSwept() {
    PresenceView view = start();
    gateway.join(view, ACME, "a");
    awaitMembers(ACME, "a");
    get(presence.leases().renew(NEXT, Duration.ofMinutes(1), Backlog.NONE));
    // What the former generation wrote is void, and the next has not written yet.
    assertUnavailableWithin(Duration.ofSeconds(1), presence.directory().snapshot(ACME, ROOM, 10));
    view.owner(NEXT);

    awaitMembers(ACME, "a");
    eventually(() -> assertThat(get(presence.maintenance().owners())).containsExactly(NEXT));
  }

  @Test
  void directoryBack_cutsThePauseShort() {
    PresenceView view = start();
    gateway.join(view, ACME, "a");
    awaitMembers(ACME, "a");
    Duration limit = Duration.ofMillis(1_500);
    Duration shortest = Duration.ofDays(1);
    // Once more, and once again, where the machine stands still.
    for (int n = 1; n <= 3 && shortest.compareTo(limit) >= 0; n++) {
      double before = count("lq.presence.failures");
      presence.available(false);
      gateway.join(view, ACME, "b" + n);
      // The pauses double from a tenth of a second: the next is longer than the limit.
      eventually(
          () -> assertThat(count("lq.presence.failures")).isGreaterThanOrEqualTo(before + 6));
      long back = System.nanoTime();
      presence.available(true);

      int there = n + 1;
      eventually(() -> assertThat(members(ACME)).hasSize(there));
      Duration took = Duration.ofNanos(System.nanoTime() - back);
      shortest = took.compareTo(shortest) < 0 ? took : shortest;
    }
    assertThat(shortest).isLessThan(limit);
  }

  @Test
  void rebuild_afterAFlushOfATenantThatHasNobodyLeft_startsItAgain() {
    PresenceView view = start();
    gateway.join(view, ACME, "a");
    awaitMembers(ACME, "a");
    gateway.leave(view, ACME, "a");
    awaitMembers(ACME);
    view.rebuild();

    awaitMembers(ACME);
    eventually(() -> assertThat(view.isSettled()).isTrue());
    assertThat(get(presence.maintenance().tenants(OWNER))).contains(ACME);
  }

  @Test
  void sourceThatFails_isAskedAgain() {
    AtomicBoolean fail = new AtomicBoolean(true);
    get(presence.leases().renew(OWNER, Duration.ofMinutes(1), Backlog.NONE));
    views.add(
        PresenceView.start(
            presence.directory(),
            presence.maintenance(),
            OWNER,
            visitor -> {
              visitor.member(ACME, joined("a"));
              if (fail.getAndSet(false)) {
                throw new IllegalStateException("by order");
              }
              visitor.member(ACME, joined("b"));
            },
            PresenceView.Options.DEFAULT,
            registry));

    awaitMembers(ACME, "a", "b");
  }
}
