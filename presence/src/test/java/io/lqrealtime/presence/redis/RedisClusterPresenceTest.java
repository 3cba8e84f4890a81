package io.lqrealtime.presence.redis;

import static io.lqrealtime.presence.Eventually.assertUnavailableWithin;
import static io.lqrealtime.presence.Eventually.eventually;
import static io.lqrealtime.presence.Eventually.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.KillArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import io.lqrealtime.config.Environment;
import io.lqrealtime.embedded.EmbeddedRedis;
import io.lqrealtime.embedded.RedisOptions;
import io.lqrealtime.presence.ApplyOutcome;
import io.lqrealtime.presence.Backlog;
import io.lqrealtime.presence.GatewayLeases;
import io.lqrealtime.presence.GatewayLeases.Renewal;
import io.lqrealtime.presence.Owner;
import io.lqrealtime.presence.PresenceContract;
import io.lqrealtime.presence.PresenceDirectory;
import io.lqrealtime.presence.PresenceMaintenance;
import io.lqrealtime.presence.PresenceUnavailableException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The contract over a server in cluster mode, through the cluster client. One node owns all slots,
 * and still refuses a script whose keys are in several. The user is the one of docs/OPERATIONS.md.
 */
final class RedisClusterPresenceTest extends PresenceContract {
  private static EmbeddedRedis redis;
  private static RedisClient adminClient;
  private static RedisCommands<String, String> admin;
  private static RedisPresence presence;

  @BeforeAll
  static void start() throws IOException {
    redis = EmbeddedRedis.start(RedisOptions.ephemeral().withArguments("--cluster-enabled", "yes"));
    adminClient = RedisClient.create(RedisURI.create(redis.host(), redis.port()));
    admin = adminClient.connect().sync();
    admin.clusterAddSlots(IntStream.range(0, 16_384).toArray());
    eventually(() -> assertThat(admin.clusterInfo()).contains("cluster_state:ok"));
    DocumentedUser.make(admin, true);
    presence = RedisPresence.start(config(), new SimpleMeterRegistry(), SNAPSHOT_TIMEOUT);
    awaitConnections();
  }

  private static void awaitConnections() {
    eventually(() -> get(presence.leases().observe()));
    eventually(() -> get(presence.maintenance().owners()));
  }

  private static RedisConfig config() {
    String uri =
        "redis-cluster://%s:%s@%s:%d"
            .formatted(DocumentedUser.NAME, DocumentedUser.PASSWORD, redis.host(), redis.port());
    return RedisConfig.from(
        new Environment(
            Map.of("LQ_REDIS_URI", uri, "LQ_REDIS_COMMAND_TIMEOUT", PATIENCE.toSeconds() + "s")));
  }

  @AfterAll
  static void stop() {
    presence.close();
    adminClient.shutdown();
    redis.close();
  }

  @BeforeEach
  void empty() {
    beginEmpty();
  }

  @Override
  protected PresenceDirectory directory() {
    return presence.directory();
  }

  @Override
  protected PresenceMaintenance maintenance() {
    return presence.maintenance();
  }

  @Override
  protected GatewayLeases leases() {
    return presence.leases();
  }

  @Override
  protected void flush() {
    admin.flushall();
  }

  @Override
  protected void elapse(Duration time) {
    long end = storeMillis() + time.toMillis();
    eventually(() -> assertThat(storeMillis()).isGreaterThan(end));
  }

  @Test
  void snapshot_afterTheTenantsNodeAloneLostEverything_isUnavailableAndTheLossIsTold() {
    get(leases().renew(FIRST, LONG, Backlog.NONE));
    get(maintenance().written(FIRST, get(maintenance().epoch())));
    get(directory().apply(FIRST, 1, ACME, List.of(joined(ROOM, "c1", "a"))));
    assertThat(get(directory().snapshot(ACME, ROOM, 10)).connections()).isEqualTo(1);
    admin.del("lq:{acme}:members:room.1");
    admin.del("lq:{acme}:index:gw-1.a:7");

    assertUnavailableWithin(Duration.ofSeconds(20), directory().snapshot(ACME, ROOM, 10));
    eventually(
        () ->
            assertThat(get(leases().renew(FIRST, LONG, Backlog.NONE)))
                .isInstanceOfSatisfying(
                    Renewal.Renewed.class, renewal -> assertThat(renewal.whole()).isFalse()));
    // Where it has nobody left it starts again too, and the tenant's counts are right again.
    get(directory().apply(FIRST, 2, ACME, List.of()));
    get(maintenance().written(FIRST, get(maintenance().epoch())));
    assertThat(get(directory().snapshot(ACME, ROOM, 10)).connections()).isZero();
  }

  @Test
  void snapshot_whileAGatewayHasWrittenPartOfWhatWasLost_isUnavailable() {
    get(leases().renew(FIRST, LONG, Backlog.NONE));
    get(maintenance().written(FIRST, get(maintenance().epoch())));
    get(directory().apply(FIRST, 1, ACME, List.of(joined(ROOM, "c1", "a"))));
    admin.del("lq:{acme}:members:room.1");
    admin.del("lq:{acme}:index:gw-1.a:7");
    assertThat(get(directory().apply(FIRST, 2, ACME, List.of(joined(ROOM, "c2", "b")))))
        .isInstanceOf(ApplyOutcome.StartedAnew.class);

    assertUnavailableWithin(Duration.ofSeconds(20), directory().snapshot(ACME, ROOM, 10));
    get(directory().apply(FIRST, 3, ACME, List.of(joined(ROOM, "c1", "a"))));
    get(maintenance().written(FIRST, get(maintenance().epoch())));
    // As its keeper does all along: where a connection was lost meanwhile, it counts only then.
    get(leases().renew(FIRST, LONG, Backlog.NONE));
    assertThat(get(directory().snapshot(ACME, ROOM, 10)).connections()).isEqualTo(2);
  }

  /** Whatever falls between the steps of a count. */
  @Test
  void snapshotsWhileATenantIsLostAndWrittenAgain_areUnavailableOrRight() throws Exception {
    for (Owner owner : List.of(FIRST, SECOND)) {
      get(leases().renew(owner, LONG, Backlog.NONE));
      get(directory().apply(owner, 1, ACME, List.of(joined(ROOM, "of-" + owner.gateway(), "a"))));
      get(maintenance().written(owner, get(maintenance().epoch())));
    }
    AtomicBoolean end = new AtomicBoolean();
    Queue<Integer> answers = new ConcurrentLinkedQueue<>();
    Thread asking =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!end.get()) {
                    try {
                      answers.add(get(directory().snapshot(ACME, ROOM, 10)).connections());
                    } catch (IllegalStateException e) {
                      assertThat(e).hasCauseInstanceOf(PresenceUnavailableException.class);
                    }
                  }
                });
    try {
      for (int round = 0; round < 200; round++) {
        admin.del(
            "lq:{acme}:members:room.1",
            "lq:{acme}:index:gw-1.a:7",
            "lq:{acme}:index:%s:%d".formatted(SECOND.gateway(), SECOND.generation()));
        for (Owner owner : List.of(FIRST, SECOND)) {
          get(
              directory()
                  .apply(
                      owner, 2 + round, ACME, List.of(joined(ROOM, "of-" + owner.gateway(), "a"))));
        }
        for (Owner owner : List.of(FIRST, SECOND)) {
          get(maintenance().written(owner, get(maintenance().epoch())));
        }
        int before = answers.size();
        eventually(() -> assertThat(answers.size()).isGreaterThan(before));
      }
    } finally {
      end.set(true);
      asking.join();
    }

    assertThat(answers).hasSizeGreaterThan(100).containsOnly(2);
  }

  /** The gateways' node alone loses everything, and later a tenant's node does. */
  @Test
  void whatTheGatewaysNodeForgot_isKnownAgain() {
    try (TestGateway gateway = new TestGateway(presence, config().lease())) {
      gateway.join("a");
      gateway.join("b");
      gateway.awaitMembers("a", "b");
      gateway.forget("a");
      admin.del(admin.keys("lq:{gateways}:*").toArray(String[]::new));
      gateway.awaitMembers("b");

      admin.del(admin.keys("lq:{umbrella}:*").toArray(String[]::new));
      gateway.assertNoWrongAnswerUntil("b");
    }
  }

  @Test
  void connectionThatThisSideClosed_isNoLoss() {
    try (RedisClients clients =
        new RedisClients(config(), new SimpleMeterRegistry(), Duration.ofMillis(50))) {
      AtomicInteger told = new AtomicInteger();
      clients.onDisruption(told::incrementAndGet);
      RedisClients.Connection connection = get(clients.connect());
      long made = connectionsMade();
      // The nodes are asked, over a new connection each time.
      eventually(() -> assertThat(connectionsMade()).isGreaterThan(made + 5));
      assertThat(told).hasValue(0);

      admin.clientKill(KillArgs.Builder.typeNormal().skipme());
      eventually(() -> assertThat(told).hasPositiveValue());
      connection.close();
    }
    awaitConnections();
  }

  private static long connectionsMade() {
    return Long.parseLong(
        admin
            .info("stats")
            .lines()
            .filter(line -> line.startsWith("total_connections_received:"))
            .findFirst()
            .orElseThrow()
            .split(":")[1]
            .strip());
  }

  @Override
  protected long storeMillis() {
    List<String> time = admin.time();
    return Long.parseLong(time.get(0)) * 1_000 + Long.parseLong(time.get(1)) / 1_000;
  }
}
