package io.lqrealtime.presence.redis;

import static io.lqrealtime.presence.Eventually.assertUnavailableWithin;
import static io.lqrealtime.presence.Eventually.eventually;
import static io.lqrealtime.presence.Eventually.get;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import io.lqrealtime.embedded.EmbeddedRedis;
import io.lqrealtime.embedded.RedisOptions;
import io.lqrealtime.id.Channel;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import io.lqrealtime.presence.Backlog;
import io.lqrealtime.presence.Eventually;
import io.lqrealtime.presence.LeaseEvent;
import io.lqrealtime.presence.Owner;
import io.lqrealtime.presence.PresenceChange;
import io.lqrealtime.presence.PresenceSnapshot;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A real server that is killed, paused, flushed and restarted under a gateway that uses it. */
final class RedisFailureTest {
  private static final TenantId ACME = new TenantId("acme");
  private static final Channel ROOM = new Channel("room");
  private static final Duration TIMEOUT = Duration.ofMillis(300);
  private static final Duration LEASE = Duration.ofSeconds(2);

  /** The command timeout, and slack for a busy machine. */
  private static final Duration IN_TIME = Duration.ofSeconds(20);

  private final List<AutoCloseable> open = new ArrayList<>();
  private EmbeddedRedis redis;
  private RedisPresence presence;

  @BeforeEach
  void startServer() {
    redis = EmbeddedRedis.start(RedisOptions.ephemeral());
    open.add(redis);
    presence = connect(redis.port(), 4_096);
  }

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private RedisPresence connect(int port, int queue) {
    return connect(port, queue, TIMEOUT);
  }

  private RedisPresence connect(int port, int queue, Duration timeout) {
    return connect(RedisURI.create("127.0.0.1", port), queue, timeout);
  }

  private RedisPresence connect(RedisURI uri, int queue, Duration timeout) {
    RedisPresence connected =
        RedisPresence.start(
            new RedisConfig(
                new RedisServers.One(uri), timeout, queue, LEASE, Duration.ofDays(1), "lq"),
            new SimpleMeterRegistry());
    open.add(connected);
    return connected;
  }

  private TestGateway startGateway() {
    return startGateway(LEASE);
  }

  private TestGateway startGateway(Duration lease) {
    TestGateway gateway = new TestGateway(presence, lease);
    open.add(gateway);
    return gateway;
  }

  /** Who is in the gateways' room. */
  private static CompletionStage<PresenceSnapshot> query(RedisPresence asked) {
    return asked.directory().snapshot(TestGateway.TENANT, TestGateway.ROOM, 10);
  }

  private String epoch() {
    AtomicReference<String> epoch = new AtomicReference<>();
    eventually(() -> epoch.set(get(presence.leases().observe()).epoch()));
    return epoch.get();
  }

  private void configure(String parameter, String value) {
    RedisClient admin = RedisClient.create(RedisURI.create("127.0.0.1", redis.port()));
    try {
      admin.connect().sync().configSet(parameter, value);
    } finally {
      admin.shutdown();
    }
  }

  @Test
  void killedAndStartedAgain_callsFailInTimeAndTheViewIsWrittenAgain() {
    TestGateway gateway = startGateway();
    gateway.join("a");
    gateway.join("b");
    gateway.awaitMembers("a", "b");
    String before = epoch();

    redis.kill();
    assertUnavailableWithin(IN_TIME, presence.directory().snapshot(ACME, ROOM, 10));
    assertUnavailableWithin(IN_TIME, presence.leases().observe());
    gateway.leave("a");
    gateway.join("c");
    redis.start();

    gateway.assertNoWrongAnswerUntil("b", "c");
    assertThat(epoch()).isNotEqualTo(before);
  }

  @Test
  void tenantWithManyQueries_leavesAsManyToOthers() {
    RedisPresence patient = connect(redis.port(), 4_096, Duration.ofSeconds(20));
    eventually(() -> get(patient.directory().snapshot(ACME, ROOM, 10)));
    redis.pause();
    List<CompletableFuture<?>> many = new ArrayList<>();
    for (int i = 0; i < 4 * RedisPresenceDirectory.MAX_SNAPSHOTS; i++) {
      many.add(patient.directory().snapshot(ACME, ROOM, 10).toCompletableFuture());
    }
    CompletionStage<PresenceSnapshot> others =
        patient.directory().snapshot(new TenantId("other"), ROOM, 10);

    List<CompletableFuture<?>> taken =
        many.stream().filter(query -> !query.isCompletedExceptionally()).toList();
    assertThat(taken).hasSize(RedisPresenceDirectory.MAX_SNAPSHOTS / 2);
    redis.resume();
    assertThat(get(others).connections()).isZero();
    taken.forEach(Eventually::get);
    assertThat(get(patient.directory().snapshot(ACME, ROOM, 10)).connections()).isZero();
  }

  @Test
  void paused_callsFailInTimeAndItGoesOnAfterwards() {
    RedisPresence patient = connect(redis.port(), 4_096, Duration.ofSeconds(20));
    eventually(() -> get(patient.maintenance().owners()));
    // Not one that could run out, though the machine may stand still too.
    TestGateway gateway = startGateway(Duration.ofSeconds(30));
    gateway.join("a");
    gateway.join("b");
    gateway.awaitMembers("a", "b");
    String before = epoch();

    redis.pause();
    long begin = System.nanoTime();
    Owner owner = new Owner(new GatewayId("x"), 1);
    CompletionStage<?> waiting = patient.directory().snapshot(ACME, ROOM, 10);
    CompletionStage<?> alsoWaiting = patient.maintenance().sweep(owner);
    assertThat(Duration.ofNanos(System.nanoTime() - begin))
        .as("the callers do not wait")
        .isLessThan(Duration.ofSeconds(10));
    CompletionStage<?> snapshot = presence.directory().snapshot(ACME, ROOM, 10);
    CompletionStage<?> sweep = presence.maintenance().sweep(owner);
    assertUnavailableWithin(IN_TIME, snapshot);
    assertUnavailableWithin(IN_TIME, sweep);
    eventually(
        () -> assertThat(gateway.events()).hasAtLeastOneElementOfType(LeaseEvent.Lost.class));
    gateway.leave("a");
    gateway.join("c");
    redis.resume();

    get(waiting);
    get(alsoWaiting);
    gateway.awaitMembers("b", "c");
    eventually(
        () -> assertThat(gateway.events()).hasAtLeastOneElementOfType(LeaseEvent.Back.class));
    assertThat(epoch()).isEqualTo(before);
    assertThat(gateway.events()).noneMatch(LeaseEvent.Overslept.class::isInstance);
  }

  @Test
  void outOfReachOfAll_whoIsBackFirstCountsNothingByWhatOthersHaveNotWritten() throws IOException {
    Duration lease = Duration.ofSeconds(30);
    BlackHole ownNetwork = new BlackHole(redis.port());
    BlackHole othersNetwork = new BlackHole(redis.port());
    open.addAll(List.of(ownNetwork, othersNetwork));
    TestGateway own =
        new TestGateway(
            connect(ownNetwork.port(), 4_096), new Owner(new GatewayId("own"), 1), lease);
    open.add(own);
    TestGateway other = new TestGateway(connect(othersNetwork.port(), 4_096), lease);
    open.add(other);
    other.join("a");
    other.join("b");
    own.awaitMembers("a", "b");

    ownNetwork.cut();
    othersNetwork.cut();
    other.leave("a");
    other.join("c");
    eventually(() -> assertThat(own.events()).hasAtLeastOneElementOfType(LeaseEvent.Lost.class));
    eventually(() -> assertThat(other.events()).hasAtLeastOneElementOfType(LeaseEvent.Lost.class));
    ownNetwork.mend();
    eventually(() -> assertThat(own.events()).hasAtLeastOneElementOfType(LeaseEvent.Back.class));
    own.assertUnavailable();
    othersNetwork.mend();

    own.assertNoWrongAnswerUntil("b", "c");
  }

  /** As that of a gateway that renews its lease last, in a store that took over without it. */
  @Test
  void leaseThatComesWhileIsCounted_isCountedToo() throws Exception {
    BlackHole network = new BlackHole(redis.port());
    open.add(network);
    RedisPresence asking = connect(network.port(), 4_096, Duration.ofSeconds(20));
    TestGateway gateway = startGateway();
    gateway.join("a");
    gateway.awaitMembers("a");
    eventually(() -> assertThat(get(query(asking)).connections()).isEqualTo(1));
    Owner late = new Owner(new GatewayId("late"), 1);
    List<PresenceChange> joins =
        List.of(
            new PresenceChange.Joined(
                TestGateway.ROOM, new ConnectionId("b"), new UserId("user"), 1));
    eventually(() -> get(presence.directory().apply(late, 1, TestGateway.TENANT, joins)));

    BlackHole.Held scan = network.hold("HSCAN");
    CompletionStage<PresenceSnapshot> answer = query(asking);
    scan.awaitCommand();
    eventually(() -> get(presence.leases().renew(late, Duration.ofMinutes(1), Backlog.NONE)));
    eventually(() -> get(presence.maintenance().written(late, epoch())));
    scan.letGo();

    assertThat(get(answer).connections()).isEqualTo(2);
  }

  @Test
  void tenantsKeysThatWereDeleted_areMissedAndWrittenAgain() {
    TestGateway gateway = startGateway();
    gateway.join("a");
    gateway.awaitMembers("a");
    RedisClient admin = RedisClient.create(RedisURI.create("127.0.0.1", redis.port()));
    try {
      RedisCommands<String, String> commands = admin.connect().sync();
      commands.del(commands.keys("lq:{umbrella}:*").toArray(String[]::new));
    } finally {
      admin.shutdown();
    }

    // Asked by another process: the gateway that has lost them learns of it.
    RedisPresence asking = connect(redis.port(), 4_096);
    eventually(() -> assertThat(get(query(asking)).connections()).isEqualTo(1));
    gateway.assertNoWrongAnswerUntil("a");
  }

  @Test
  void reasonForNoConnection_isToldAgainWhereItChanges() throws IOException {
    BlackHole network = new BlackHole(redis.port());
    open.add(network);
    network.cut();
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.list = new CopyOnWriteArrayList<>();
    log.start();
    Logger logger = (Logger) LoggerFactory.getLogger(RedisLink.class);
    logger.addAppender(log);
    open.add(() -> logger.detachAppender(log));

    connect(
        RedisURI.builder()
            .withHost("127.0.0.1")
            .withPort(network.port())
            .withAuthentication("nobody", "that it knows".toCharArray())
            .build(),
        16,
        TIMEOUT);
    eventually(() -> assertThat(log.list).isNotEmpty());
    assertThat(log.list).noneMatch(event -> event.getFormattedMessage().contains("WRONGPASS"));
    network.mend();

    eventually(
        () ->
            assertThat(log.list)
                .anyMatch(event -> event.getFormattedMessage().contains("WRONGPASS")));
  }

  @Test
  void connectionLost_isAnOutageOfWhichNoCallKnows() throws IOException {
    BlackHole network = new BlackHole(redis.port());
    open.add(network);
    RedisPresence asking = connect(network.port(), 4_096);
    TestGateway gateway = startGateway();
    gateway.join("a");
    gateway.awaitMembers("a");
    Owner idle = new Owner(new GatewayId("idle"), 1);
    eventually(() -> assertThat(get(query(asking)).connections()).isEqualTo(1));
    eventually(() -> get(presence.leases().renew(idle, Duration.ofMinutes(1), Backlog.NONE)));
    eventually(() -> get(presence.maintenance().written(idle, epoch())));
    eventually(() -> assertThat(get(query(asking)).connections()).isEqualTo(1));
    AtomicInteger told = new AtomicInteger();
    asking.directory().onDisruption(told::incrementAndGet);
    network.cut();
    network.mend();
    eventually(() -> assertThat(told).hasPositiveValue());

    assertUnavailableWithin(IN_TIME, query(asking));
    eventually(
        () -> {
          // Again and again: its other connection may only come back now.
          get(presence.leases().renew(idle, Duration.ofMinutes(1), Backlog.NONE));
          assertThat(get(query(asking)).connections()).isEqualTo(1);
        });
  }

  @Test
  void pausedForLongerThanALease_noAnswerLacksWhoIsStillThere() {
    TestGateway gateway = startGateway();
    gateway.join("a");
    gateway.awaitMembers("a");
    redis.pause();
    long begin = System.nanoTime();
    eventually(
        () ->
            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                .isGreaterThan(LEASE.plusMillis(500)));
    redis.resume();

    gateway.assertNoWrongAnswerUntil("a");
  }

  @Test
  void pausedWithAFullQueue_furtherCallsFailAtOnce() {
    // In which there is time to see that it is silent, before it is taken for dead.
    RedisPresence small = connect(redis.port(), 16, Duration.ofSeconds(1));
    eventually(() -> get(small.maintenance().owners()));
    redis.pause();
    List<CompletionStage<?>> calls = new ArrayList<>();
    for (int n = 0; n < 100; n++) {
      calls.add(small.maintenance().owners());
    }

    assertThat(calls.stream().filter(call -> call.toCompletableFuture().isDone()))
        .hasSizeGreaterThanOrEqualTo(100 - 16);
    calls.forEach(call -> assertUnavailableWithin(IN_TIME, call));
    // Once it has been silent for long, others than the one that tries it fail at once too.
    eventually(
        () -> {
          CompletionStage<?> tries = small.maintenance().owners();
          CompletionStage<?> another = small.maintenance().owners();
          assertThat(another.toCompletableFuture().isCompletedExceptionally()).isTrue();
          assertThat(tries.toCompletableFuture().isDone()).isFalse();
        });
    redis.resume();
    eventually(() -> get(small.maintenance().owners()));
  }

  @Test
  void thatTakesNoWrites_saysNothingAboutLeases_andIsAsBeforeOnceItDoes() {
    TestGateway gateway = startGateway();
    gateway.join("a");
    gateway.awaitMembers("a");
    String before = epoch();

    configure("maxmemory", "1");
    assertUnavailableWithin(IN_TIME, presence.leases().observe());
    assertUnavailableWithin(IN_TIME, presence.directory().snapshot(ACME, ROOM, 10));
    configure("maxmemory", "0");

    gateway.assertNoWrongAnswerUntil("a");
    assertThat(epoch()).isEqualTo(before);
  }

  @Test
  void flushed_isANewEpochAndTheViewIsWrittenAgain() {
    TestGateway gateway = startGateway();
    gateway.join("a");
    gateway.awaitMembers("a");
    String before = epoch();
    RedisClient admin = RedisClient.create(RedisURI.create("127.0.0.1", redis.port()));
    try {
      admin.connect().sync().flushall();
    } finally {
      admin.shutdown();
    }

    gateway.assertNoWrongAnswerUntil("a");
    assertThat(epoch()).isNotEqualTo(before);
    eventually(
        () ->
            assertThat(gateway.events()).hasAtLeastOneElementOfType(LeaseEvent.EpochChanged.class));
  }

  @Test
  void notThereAtTheStart_isUsedOnceItIsThere() {
    redis.kill();
    presence = connect(redis.port(), 4_096);
    TestGateway gateway = startGateway();
    gateway.join("a");
    assertUnavailableWithin(IN_TIME, presence.directory().snapshot(ACME, ROOM, 10));
    eventually(
        () -> assertThat(gateway.events()).hasAtLeastOneElementOfType(LeaseEvent.Lost.class));
    redis.start();

    gateway.awaitMembers("a");
  }

  @Test
  void connectionThatLosesEverythingInSilence_isReplaced() throws IOException {
    BlackHole network = new BlackHole(redis.port());
    open.add(network);
    presence = connect(network.port(), 4_096);
    TestGateway gateway = startGateway();
    gateway.join("a");
    gateway.awaitMembers("a");
    network.swallow();
    gateway.join("b");

    gateway.awaitMembers("a", "b");
  }
}
