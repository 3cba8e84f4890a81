package io.lqrealtime.presence.redis;

import static io.lqrealtime.presence.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.AclSetuserArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.cluster.SlotHash;
import io.lqrealtime.config.Environment;
import io.lqrealtime.embedded.EmbeddedRedis;
import io.lqrealtime.embedded.EmbeddedServerException;
import io.lqrealtime.embedded.RedisOptions;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Real servers of which one is killed for good, under a gateway that uses them: another takes its
 * place, and presence is there again without a hand.
 */
final class RedisFailoverTest {
  private static final Duration LEASE = Duration.ofSeconds(2);
  private static final String SENTINEL_PASSWORD = "of-sentinel";
  private static final int MASTERS = 3;
  private static final int FIRST_PORT = 10_000;
  private static final int PORTS = 10_000;
  private static final String KEY_OF_LEASES = "lq:{gateways}:leases";
  private static final String KEY_OF_MEMBERS = "lq:{umbrella}:members:room";

  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  @Test
  void sentinel_masterKilled_itsReplicaIsUsed() {
    EmbeddedRedis master = start(RedisOptions.ephemeral());
    EmbeddedRedis replica =
        start(
            RedisOptions.ephemeral()
                .withArguments("--replicaof", master.host() + " " + master.port()));
    EmbeddedRedis sentinel =
        start(
            RedisOptions.ephemeral()
                .withConfiguration(
                    "sentinel monitor main " + master.host() + " " + master.port() + " 1",
                    "sentinel down-after-milliseconds main 500",
                    "sentinel failover-timeout main 3000")
                .withArguments("--sentinel"));
    ask(sentinel, admin -> info(admin, "sentinel"), "slaves=1");
    assertThat(
            admin(sentinel)
                .aclSetuser(
                    "default", AclSetuserArgs.Builder.resetpass().addPassword(SENTINEL_PASSWORD)))
        .isEqualTo("OK");
    ask(replica, admin -> info(admin, "replication"), "master_link_status:up");
    TestGateway gateway =
        gateway(
            Map.of(
                "LQ_REDIS_URI",
                "redis-sentinel://%s:%d/0?sentinelMasterId=main"
                    .formatted(sentinel.host(), sentinel.port()),
                "LQ_REDIS_SENTINEL_PASSWORD",
                SENTINEL_PASSWORD,
                "LQ_LEASE",
                LEASE.toSeconds() + "s"));
    gateway.join("a");
    gateway.join("b");
    gateway.awaitMembers("a", "b");

    master.kill();
    gateway.leave("a");
    gateway.join("c");

    gateway.assertNoWrongAnswerUntil("b", "c");
    ask(replica, admin -> info(admin, "replication"), "role:master");
    ask(replica, admin -> admin.hkeys(KEY_OF_MEMBERS).toString(), "b");
  }

  @Test
  void cluster_ofSixNodes_mastersKilled_theirReplicasAreUsed() throws IOException {
    List<EmbeddedRedis> nodes = startCluster();
    TestGateway gateway =
        gateway(
            "redis-cluster://"
                + nodes.stream()
                    .map(node -> node.host() + ":" + node.port())
                    .collect(Collectors.joining(",")));
    gateway.join("a");
    gateway.join("b");
    gateway.awaitMembers("a", "b");
    int ofLeases = masterOf(KEY_OF_LEASES);
    int ofTenant = masterOf(KEY_OF_MEMBERS);
    assertThat(ofLeases).isNotEqualTo(ofTenant);

    nodes.get(ofLeases).kill();
    gateway.leave("a");
    gateway.join("c");
    gateway.assertNoWrongAnswerUntil("b", "c");
    ask(nodes.get(MASTERS + ofLeases), admin -> info(admin, "replication"), "role:master");

    nodes.get(ofTenant).kill();
    gateway.leave("b");
    gateway.join("d");
    // What the replica has is true of a moment ago, so it may be answered until the view is
    // written.
    gateway.awaitMembers("c", "d");
    ask(nodes.get(MASTERS + ofTenant), admin -> info(admin, "replication"), "role:master");
  }

  /** Three masters that share the slots, and after them the replica of each. */
  private List<EmbeddedRedis> startCluster() throws IOException {
    List<EmbeddedRedis> nodes = new ArrayList<>();
    for (int n = 0; n < 2 * MASTERS; n++) {
      nodes.add(
          startOnItsPorts(
              RedisOptions.ephemeral()
                  .withArguments("--cluster-enabled", "yes", "--cluster-node-timeout", "1500")));
    }
    List<String> ids = new ArrayList<>();
    for (int n = 0; n < nodes.size(); n++) {
      RedisCommands<String, String> admin = admin(nodes.get(n));
      ids.add(admin.clusterMyId());
      if (n < MASTERS) {
        int master = n;
        admin.clusterAddSlots(
            IntStream.range(0, SlotHash.SLOT_COUNT)
                .filter(slot -> masterOf(slot) == master)
                .toArray());
      }
      if (n > 0) {
        admin.clusterMeet(nodes.getFirst().host(), nodes.getFirst().port());
      }
    }
    for (int n = 0; n < MASTERS; n++) {
      String master = ids.get(n);
      RedisCommands<String, String> replica = admin(nodes.get(MASTERS + n));
      eventually(() -> assertThat(replica.clusterReplicate(master)).isEqualTo("OK"));
    }
    for (EmbeddedRedis node : nodes) {
      ask(node, RedisCommands::clusterInfo, "cluster_state:ok", "cluster_known_nodes:6");
    }
    for (EmbeddedRedis replica : nodes.subList(MASTERS, 2 * MASTERS)) {
      ask(replica, admin -> info(admin, "replication"), "master_link_status:up");
    }
    return nodes;
  }

  /**
   * A port that is free with its bus port, 10,000 above: both below those that the system gives to
   * outgoing connections.
   */
  private static int freePort() throws IOException {
    while (true) {
      int port = FIRST_PORT + ThreadLocalRandom.current().nextInt(PORTS);
      try (ServerSocket client = new ServerSocket(port);
          ServerSocket bus = new ServerSocket(port + 10_000)) {
        return client.getLocalPort();
      } catch (BindException e) {
        // Another pair is free.
      }
    }
  }

  private static int masterOf(String key) {
    return masterOf(SlotHash.getSlot(key));
  }

  private static int masterOf(int slot) {
    return slot * MASTERS / SlotHash.SLOT_COUNT;
  }

  private EmbeddedRedis start(RedisOptions options) {
    EmbeddedRedis redis = EmbeddedRedis.start(options);
    open.add(redis);
    return redis;
  }

  private EmbeddedRedis startOnItsPorts(RedisOptions options) throws IOException {
    while (true) {
      try {
        return start(options.withPort(freePort()));
      } catch (EmbeddedServerException.PortInUse e) {
        // Somebody was faster.
      }
    }
  }

  private TestGateway gateway(String uri) {
    return gateway(Map.of("LQ_REDIS_URI", uri, "LQ_LEASE", LEASE.toSeconds() + "s"));
  }

  private TestGateway gateway(Map<String, String> settings) {
    RedisPresence presence =
        RedisPresence.start(RedisConfig.from(new Environment(settings)), new SimpleMeterRegistry());
    open.add(presence);
    TestGateway gateway = new TestGateway(presence, LEASE);
    open.add(gateway);
    return gateway;
  }

  private RedisCommands<String, String> admin(EmbeddedRedis redis) {
    RedisClient client = RedisClient.create(RedisURI.create(redis.host(), redis.port()));
    open.add(() -> client.shutdown(Duration.ZERO, Duration.ofSeconds(2)));
    return client.connect().sync();
  }

  private static String info(RedisCommands<String, String> admin, String section) {
    return admin.info(section);
  }

  /** Asks until the answer holds these. */
  private void ask(
      EmbeddedRedis redis,
      Function<RedisCommands<String, String>, String> question,
      String... answer) {
    RedisCommands<String, String> admin = admin(redis);
    eventually(() -> assertThat(question.apply(admin)).contains(answer));
  }
}
