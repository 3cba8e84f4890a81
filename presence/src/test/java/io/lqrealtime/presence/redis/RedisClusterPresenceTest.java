package io.lqrealtime.presence.redis;

import static io.lqrealtime.presence.Eventually.assertUnavailableWithin;
import static io.lqrealtime.presence.Eventually.eventually;
import static io.lqrealtime.presence.Eventually.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import io.lqrealtime.config.Environment;
import io.lqrealtime.embedded.EmbeddedRedis;
import io.lqrealtime.embedded.RedisOptions;
import io.lqrealtime.presence.GatewayLeases;
import io.lqrealtime.presence.PresenceContract;
import io.lqrealtime.presence.PresenceDirectory;
import io.lqrealtime.presence.PresenceMaintenance;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
    String uri =
        "redis-cluster://%s:%s@%s:%d"
            .formatted(DocumentedUser.NAME, DocumentedUser.PASSWORD, redis.host(), redis.port());
    presence =
        RedisPresence.start(
            RedisConfig.from(new Environment(Map.of("LQ_REDIS_URI", uri))),
            new SimpleMeterRegistry());
    eventually(() -> get(presence.leases().observe()));
    eventually(() -> get(presence.maintenance().owners()));
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
    get(leases().renew(FIRST, LONG));
    get(maintenance().written(FIRST, get(maintenance().epoch())));
    get(directory().apply(FIRST, 1, ACME, List.of(joined(ROOM, "c1", "a"))));
    assertThat(get(directory().snapshot(ACME, ROOM, 10)).connections()).isEqualTo(1);
    AtomicInteger told = new AtomicInteger();
    directory().onDisruption(told::incrementAndGet);
    admin.del("lq:{acme}:members:room.1");
    admin.del("lq:{acme}:index:gw-1.a:7");

    assertUnavailableWithin(Duration.ofSeconds(20), directory().snapshot(ACME, ROOM, 10));
    assertThat(told).hasPositiveValue();
    // Where it has nobody left it starts again too, and the tenant's counts are right again.
    get(directory().apply(FIRST, 2, ACME, List.of()));
    assertThat(get(directory().snapshot(ACME, ROOM, 10)).connections()).isZero();
  }

  @Override
  protected long storeMillis() {
    List<String> time = admin.time();
    return Long.parseLong(time.get(0)) * 1_000 + Long.parseLong(time.get(1)) / 1_000;
  }
}
