package io.lqrealtime.presence.redis;

import static io.lqrealtime.presence.Eventually.eventually;
import static io.lqrealtime.presence.Eventually.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import io.lqrealtime.presence.LeaseEvent;
import io.lqrealtime.presence.LeaseKeeper;
import io.lqrealtime.presence.Owner;
import io.lqrealtime.presence.PresenceChange.Joined;
import io.lqrealtime.presence.PresenceChange.Left;
import io.lqrealtime.presence.PresenceSource;
import io.lqrealtime.presence.PresenceUnavailableException;
import io.lqrealtime.presence.PresenceView;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** What a gateway does about presence: it holds a lease, and has members in one channel. */
final class TestGateway implements AutoCloseable {
  static final TenantId TENANT = new TenantId("umbrella");
  static final Channel ROOM = new Channel("room");
  static final Owner OWNER = new Owner(new GatewayId("gw"), 3);

  /** A Sentinel that the machine has held up acts on nothing for half a minute. */
  private static final Duration BACK_WITHIN = Duration.ofSeconds(90);

  private final Map<ConnectionId, Joined> held = new ConcurrentHashMap<>();
  private final List<LeaseEvent> events = new CopyOnWriteArrayList<>();
  private final RedisPresence presence;
  private final PresenceView view;
  private final LeaseKeeper keeper;

  TestGateway(RedisPresence presence, Duration lease) {
    this(presence, OWNER, lease);
  }

  TestGateway(RedisPresence presence, Owner owner, Duration lease) {
    this.presence = presence;
    PresenceSource source =
        visitor -> held.values().forEach(member -> visitor.member(TENANT, member));
    this.view =
        PresenceView.start(
            presence.directory(),
            presence.maintenance(),
            owner,
            source,
            PresenceView.Options.DEFAULT,
            new SimpleMeterRegistry());
    this.keeper = LeaseKeeper.start(presence.leases(), owner, lease, view::backlog, this::onLease);
    presence.directory().onDisruption(keeper::renewNow);
  }

  private void onLease(LeaseEvent event) {
    events.add(event);
    switch (event) {
      case LeaseEvent.EpochChanged _ -> view.rebuild();
      case LeaseEvent.Back _ -> view.retryNow();
      case LeaseEvent.Renewed renewed -> {
        if (!renewed.whole() && !view.isRebuilding()) {
          view.rebuild();
        }
      }
      default -> {
        // For the test to see.
      }
    }
  }

  PresenceView view() {
    return view;
  }

  List<LeaseEvent> events() {
    return events;
  }

  void join(String connection) {
    Joined joined = new Joined(ROOM, new ConnectionId(connection), new UserId("user"), 1);
    held.put(joined.connection(), joined);
    view.changed(TENANT, joined);
  }

  /** The connection is gone, and nobody has told the view. */
  void forget(String connection) {
    held.remove(new ConnectionId(connection));
  }

  void leave(String connection) {
    Left left = new Left(ROOM, new ConnectionId(connection));
    held.remove(left.connection());
    view.changed(TENANT, left);
  }

  void awaitMembers(String... connections) {
    eventually(() -> assertThat(members().orElseThrow()).containsExactlyInAnyOrder(connections));
  }

  void assertUnavailable() {
    assertThat(members()).isEmpty();
  }

  /** From now on, each answer is that presence is unavailable, until it is this one. */
  void assertNoWrongAnswerUntil(String... connections) {
    long begin = System.nanoTime();
    long deadline = begin + BACK_WITHIN.toNanos();
    Optional<List<String>> answer = members();
    while (answer.isEmpty()) {
      assertThat(System.nanoTime()).as("presence is back in time").isLessThan(deadline);
      answer = members();
    }
    assertThat(answer.get()).containsExactlyInAnyOrder(connections);
    System.out.printf(
        "presence was back after %d ms%n",
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
  }

  /** Empty where presence is unavailable. */
  private Optional<List<String>> members() {
    try {
      return Optional.of(
          get(presence.directory().snapshot(TENANT, ROOM, 1_000)).members().stream()
              .map(member -> member.connection().value())
              .toList());
    } catch (IllegalStateException e) {
      assertThat(e).hasCauseInstanceOf(PresenceUnavailableException.class);
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    keeper.close();
    view.close();
  }
}
