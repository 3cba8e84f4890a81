package io.lqrealtime.presence.redis;

import static io.lqrealtime.presence.Eventually.eventually;
import static io.lqrealtime.presence.Eventually.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import io.lqrealtime.embedded.EmbeddedRedis;
import io.lqrealtime.embedded.RedisOptions;
import io.lqrealtime.id.Channel;
import io.lqrealtime.id.UserId;
import io.lqrealtime.presence.Backlog;
import io.lqrealtime.presence.GatewayLeases;
import io.lqrealtime.presence.Owner;
import io.lqrealtime.presence.PresenceChange;
import io.lqrealtime.presence.PresenceContract;
import io.lqrealtime.presence.PresenceDirectory;
import io.lqrealtime.presence.PresenceMaintenance;
import io.lqrealtime.presence.PresenceSnapshot;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The contract over a real server, and what is particular to Redis. */
final class RedisPresenceTest extends PresenceContract {
  private static EmbeddedRedis redis;
  private static RedisClient adminClient;
  private static RedisCommands<String, String> admin;
  private static RedisPresence presence;
  private static final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @BeforeAll
  static void start() {
    redis = EmbeddedRedis.start(RedisOptions.ephemeral());
    adminClient = RedisClient.create(RedisURI.create(redis.host(), redis.port()));
    admin = adminClient.connect().sync();
    presence = RedisPresence.start(config(usual().lastSeen()), registry, SNAPSHOT_TIMEOUT);
    eventually(() -> get(presence.leases().observe()));
    eventually(() -> get(presence.maintenance().owners()));
  }

  private static RedisConfig usual() {
    return RedisConfig.of(redis.host(), redis.port());
  }

  private static RedisConfig config(Duration lastSeen) {
    RedisConfig all = usual();
    return new RedisConfig(
        all.servers(), PATIENCE, all.queue(), all.lease(), lastSeen, all.prefix());
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

  @Override
  protected long storeMillis() {
    List<String> time = admin.time();
    return Long.parseLong(time.get(0)) * 1_000 + Long.parseLong(time.get(1)) / 1_000;
  }

  private static long calls(String command) {
    return admin
        .info("commandstats")
        .lines()
        .filter(line -> line.startsWith("cmdstat_" + command + ":"))
        .mapToLong(line -> Long.parseLong(line.replaceFirst(".*:calls=(\\d+),.*", "$1")))
        .sum();
  }

  @Test
  void lastSeen_isKeptForItsTime_andThenNothingIs() {
    UserId alice = new UserId("alice");
    get(directory().apply(FIRST, 1, ACME, List.of(joined(alice, "c1", "alice"))));
    String key = "lq:{acme}:members:!alice";
    assertThat(admin.pttl(key)).as("while somebody is there").isEqualTo(-1);

    get(directory().apply(FIRST, 2, ACME, List.of(left(alice, "c1"))));
    assertThat(admin.hgetall(key)).containsOnlyKeys("");
    assertThat(admin.pttl(key))
        .isBetween(Duration.ofDays(29).toMillis(), Duration.ofDays(30).toMillis());

    get(directory().apply(FIRST, 3, ACME, List.of(joined(alice, "c2", "alice"))));
    assertThat(admin.hgetall(key)).containsOnlyKeys("c2");
    assertThat(admin.pttl(key)).isEqualTo(-1);
    get(maintenance().sweep(FIRST));
    assertThat(admin.keys("*")).containsExactly(key);
    assertThat(admin.pttl(key)).isPositive();
  }

  @Test
  void lastSeen_thatIsNotToBeKept_isNot() {
    try (RedisPresence forgetful =
        RedisPresence.start(config(Duration.ZERO), new SimpleMeterRegistry())) {
      UserId alice = new UserId("alice");
      List<PresenceChange> comesAndGoes = List.of(joined(alice, "c1", "alice"), left(alice, "c1"));
      eventually(() -> get(forgetful.directory().apply(FIRST, 1, ACME, comesAndGoes)));

      assertThat(admin.exists("lq:{acme}:members:!alice")).isZero();
    }
  }

  @Test
  void sweep_leavesNoKeyOfTheOwnerBehind() {
    List<PresenceChange> joins = new ArrayList<>();
    for (int n = 0; n < 700; n++) {
      joins.add(joined(new Channel("room." + n % 90), "c" + n, "user" + n));
    }
    get(directory().apply(FIRST, 1, ACME, joins));
    get(directory().apply(FIRST, 2, OTHER, joins));
    assertThat(admin.keys("*")).hasSize(2 * 90 + 2 + 1 + 1);

    get(maintenance().sweep(FIRST));

    assertThat(admin.keys("*")).isEmpty();
  }

  @Test
  void apply_aBatchOfATenant_costsOneScriptCall() {
    get(directory().apply(FIRST, 1, ACME, List.of(joined(ROOM, "c0", "a"))));
    long before = calls("evalsha") + calls("eval");
    List<PresenceChange> joins = new ArrayList<>();
    for (int n = 0; n < PresenceDirectory.MAX_CHANGES_A_CALL; n++) {
      joins.add(joined(new Channel("room." + n), "c" + n, "user" + n));
    }
    get(directory().apply(FIRST, 2, ACME, joins));

    assertThat(calls("evalsha") + calls("eval")).isEqualTo(before + 1);
  }

  @Test
  void everyScript_afterTheScriptCacheWasFlushed_isSentAgain() {
    get(leases().renew(FIRST, LONG, Backlog.NONE));
    get(directory().apply(FIRST, 1, ACME, List.of(joined(ROOM, "c1", "a"))));
    admin.scriptFlush();
    get(leases().renew(FIRST, LONG, Backlog.NONE));
    get(maintenance().written(FIRST, get(maintenance().epoch())));
    get(directory().apply(FIRST, 2, ACME, List.of(joined(ROOM, "c2", "b"))));
    admin.scriptFlush();
    assertThat(get(directory().snapshot(ACME, ROOM, 10)).connections()).isEqualTo(2);
    admin.scriptFlush();
    get(maintenance().sweep(FIRST));
    admin.scriptFlush();
    assertThat(get(leases().release(FIRST))).isTrue();
  }

  @Test
  void apply_usesOnlyKeysOfItsTenantsSlot() {
    get(directory().apply(FIRST, 1, ACME, List.of(joined(ROOM, "c1", "a"))));
    get(leases().renew(FIRST, LONG, Backlog.NONE));
    get(maintenance().written(FIRST, get(maintenance().epoch())));

    assertThat(admin.keys("*"))
        .containsExactlyInAnyOrder(
            "lq:{acme}:members:room.1",
            "lq:{acme}:index:gw-1.a:7",
            "lq:{gateways}:owners",
            "lq:{gateways}:tenants:gw-1.a:7",
            "lq:{gateways}:leases",
            "lq:{gateways}:marker",
            "lq:{gateways}:written");
  }

  @Test
  void snapshot_ofTenThousandMembersAmongDeadEntries_countsTheLiveOnes() {
    for (Owner owner : List.of(FIRST_AGAIN, SECOND)) {
      get(leases().renew(owner, LONG, Backlog.NONE));
      get(maintenance().written(owner, get(maintenance().epoch())));
    }
    List<PresenceChange> live = new ArrayList<>();
    List<PresenceChange> alsoLive = new ArrayList<>();
    List<PresenceChange> dead = new ArrayList<>();
    for (int n = 0; n < 5_000; n++) {
      live.add(joined(ROOM, "live" + n, "user" + n));
      alsoLive.add(joined(ROOM, "also" + n, "user" + (n + 2_500)));
      dead.add(joined(ROOM, "dead" + n, "ghost" + n));
    }
    get(directory().apply(FIRST_AGAIN, 1, ACME, live));
    get(directory().apply(SECOND, 1, ACME, alsoLive));
    get(directory().apply(FIRST, 1, ACME, dead.subList(0, 1_000)));

    PresenceSnapshot snapshot = get(directory().snapshot(ACME, ROOM, 1_000));

    assertThat(snapshot.connections()).isEqualTo(10_000);
    assertThat(snapshot.users()).isEqualTo(7_500);
    assertThat(snapshot.members())
        .hasSize(1_000)
        .doesNotHaveDuplicates()
        .noneMatch(member -> member.connection().value().startsWith("dead"));
  }

  @Test
  void commandLatency_isRecordedInTheRegistry() {
    get(leases().observe());

    assertThat(registry.find("lettuce.command.completion").tag("command", "EVALSHA").timers())
        .isNotEmpty();
  }

  @Test
  void threads_areNamedAndFew() {
    List<String> names =
        Thread.getAllStackTraces().keySet().stream()
            .map(Thread::getName)
            .filter(name -> name.startsWith("lq-redis-"))
            .toList();

    assertThat(names).anyMatch(name -> name.startsWith("lq-redis-io"));
    assertThat(names.stream().filter(name -> name.startsWith("lq-redis-io"))).hasSizeLessThan(3);
  }
}
