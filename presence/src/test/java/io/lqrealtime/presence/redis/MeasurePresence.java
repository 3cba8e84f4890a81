package io.lqrealtime.presence.redis;

import static io.lqrealtime.presence.Eventually.eventually;
import static io.lqrealtime.presence.Eventually.get;

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
import io.lqrealtime.presence.LeaseKeeper;
import io.lqrealtime.presence.Owner;
import io.lqrealtime.presence.PresenceChange;
import io.lqrealtime.presence.PresenceChange.Joined;
import io.lqrealtime.presence.PresenceChange.Left;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/**
 * Measures what presence costs a real Redis: a snapshot of a channel of 10,000 members on 20
 * gateways (100 times, after 100 to warm up), 100,000 joins and leaves in batches of 200, their
 * sweep, and ten idle seconds with 20 leases of 10 s. Redis and this process share the machine.
 *
 * <p>Run by {@code java -cp <test class path> io.lqrealtime.presence.redis.MeasurePresence}.
 */
final class MeasurePresence {
  private static final TenantId ACME = new TenantId("acme");
  private static final Channel ROOM = new Channel("room.1");
  private static final int GATEWAYS = 20;
  private static final int MEMBERS = 10_000;

  private static long stamp;

  private MeasurePresence() {}

  public static void main(String[] arguments) {
    try (EmbeddedRedis redis = EmbeddedRedis.start(RedisOptions.ephemeral());
        RedisPresence presence =
            RedisPresence.start(
                RedisConfig.of(redis.host(), redis.port()), new SimpleMeterRegistry());
        RedisClient adminClient = RedisClient.create(RedisURI.create(redis.host(), redis.port()))) {
      RedisCommands<String, String> admin = adminClient.connect().sync();
      eventually(() -> get(presence.leases().observe()));
      eventually(() -> get(presence.maintenance().owners()));
      snapshots(presence, admin);
      joins(presence, admin);
      idle(presence, admin);
    }
  }

  private static Owner gateway(int number) {
    return new Owner(new GatewayId("gateway-" + number), 1_764_000_000_000L);
  }

  private static void snapshots(RedisPresence presence, RedisCommands<String, String> admin) {
    for (int g = 0; g < GATEWAYS; g++) {
      get(presence.leases().renew(gateway(g), Duration.ofMinutes(5), Backlog.NONE));
      get(presence.maintenance().written(gateway(g), get(presence.maintenance().epoch())));
      List<PresenceChange> joins = new ArrayList<>();
      for (int n = 0; n < MEMBERS / GATEWAYS; n++) {
        joins.add(joined(ROOM, n));
      }
      get(presence.directory().apply(gateway(g), ++stamp, ACME, joins));
    }
    double[] millis = new double[100];
    double cpu = 0;
    for (int round = -millis.length; round < millis.length; round++) {
      if (round == 0) {
        cpu = cpuMillis(admin);
      }
      long begin = System.nanoTime();
      int connections = get(presence.directory().snapshot(ACME, ROOM, 1_000)).connections();
      if (connections != MEMBERS) {
        throw new IllegalStateException("counted " + connections);
      }
      if (round >= 0) {
        millis[round] = (System.nanoTime() - begin) / 1e6;
      }
    }
    double used = cpuMillis(admin) - cpu;
    Arrays.sort(millis);
    System.out.printf(
        "snapshot of %d members: p50 %.1f ms, p99 %.1f ms, Redis CPU %.2f ms each%n",
        MEMBERS, millis[50], millis[98], used / millis.length);
  }

  private static void joins(RedisPresence presence, RedisCommands<String, String> admin) {
    Owner owner = gateway(0);
    int count = 100_000;
    List<List<PresenceChange>> joins = new ArrayList<>();
    List<List<PresenceChange>> leaves = new ArrayList<>();
    for (int n = 0; n < count; n += 200) {
      List<PresenceChange> join = new ArrayList<>();
      List<PresenceChange> leave = new ArrayList<>();
      for (int at = n; at < n + 200; at++) {
        Joined joined = joined(new Channel("room." + at % 20_000), at);
        join.add(joined);
        leave.add(new Left(joined.place(), joined.connection()));
      }
      joins.add(join);
      leaves.add(leave);
    }
    write("joins", presence, admin, owner, joins, count);
    double memory = usedMemory(admin);
    write("leaves", presence, admin, owner, leaves, count);
    System.out.printf("memory: %.0f bytes a member%n", (memory - usedMemory(admin)) / count);
    write("joins, again", presence, admin, owner, joins, count);
    long begin = System.nanoTime();
    double cpu = cpuMillis(admin);
    get(presence.maintenance().sweep(owner));
    System.out.printf(
        "sweep of them: %.0f ms, Redis CPU %.0f ms%n",
        (System.nanoTime() - begin) / 1e6, cpuMillis(admin) - cpu);
  }

  private static void write(
      String what,
      RedisPresence presence,
      RedisCommands<String, String> admin,
      Owner owner,
      List<List<PresenceChange>> batches,
      int count) {
    double cpu = cpuMillis(admin);
    long calls = calls(admin);
    long begin = System.nanoTime();
    double slowest = 0;
    for (List<PresenceChange> batch : batches) {
      long start = System.nanoTime();
      get(presence.directory().apply(owner, ++stamp, ACME, batch));
      slowest = Math.max(slowest, (System.nanoTime() - start) / 1e6);
    }
    System.out.printf(
        "%d %s: %.0f ms, slowest batch %.1f ms, %d script calls, Redis CPU %.1f µs each%n",
        count,
        what,
        (System.nanoTime() - begin) / 1e6,
        slowest,
        calls(admin) - calls,
        1_000 * (cpuMillis(admin) - cpu) / count);
  }

  private static void idle(RedisPresence presence, RedisCommands<String, String> admin) {
    List<LeaseKeeper> keepers = new ArrayList<>();
    for (int g = 0; g < GATEWAYS; g++) {
      keepers.add(
          LeaseKeeper.start(
              presence.leases(),
              gateway(g),
              Duration.ofSeconds(10),
              () -> Backlog.NONE,
              event -> {}));
    }
    pause(Duration.ofSeconds(2));
    double cpu = cpuMillis(admin);
    long calls = calls(admin);
    pause(Duration.ofSeconds(10));
    System.out.printf(
        "idle with %d leases for 10 s: %d script calls, Redis CPU %.1f ms%n",
        GATEWAYS, calls(admin) - calls, cpuMillis(admin) - cpu);
    keepers.forEach(LeaseKeeper::close);
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Joined joined(Channel channel, int number) {
    return new Joined(
        channel,
        new ConnectionId(UUID.randomUUID().toString()),
        new UserId("user-" + number),
        System.currentTimeMillis());
  }

  private static double cpuMillis(RedisCommands<String, String> admin) {
    return 1_000 * (info(admin, "cpu", "used_cpu_user") + info(admin, "cpu", "used_cpu_sys"));
  }

  private static double usedMemory(RedisCommands<String, String> admin) {
    return info(admin, "memory", "used_memory");
  }

  private static long calls(RedisCommands<String, String> admin) {
    return admin
        .info("commandstats")
        .lines()
        .filter(line -> line.startsWith("cmdstat_eval"))
        .mapToLong(line -> Long.parseLong(line.replaceFirst(".*:calls=(\\d+),.*", "$1")))
        .sum();
  }

  private static double info(RedisCommands<String, String> admin, String section, String field) {
    return admin
        .info(section)
        .lines()
        .filter(line -> line.startsWith(field + ":"))
        .mapToDouble(line -> Double.parseDouble(line.substring(field.length() + 1)))
        .sum();
  }
}
