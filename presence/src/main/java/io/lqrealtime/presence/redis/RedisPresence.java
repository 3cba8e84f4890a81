package io.lqrealtime.presence.redis;

import io.lqrealtime.presence.GatewayLeases;
import io.lqrealtime.presence.PresenceDirectory;
import io.lqrealtime.presence.PresenceMaintenance;
import io.lqrealtime.presence.Roster;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;

/**
 * Redis behind the presence ports: one client, one connection for presence and one for leases, so
 * that a renewal does not queue behind queries.
 *
 * <p>Starting does not wait for Redis and does not fail without it; the ports then answer {@link
 * io.lqrealtime.presence.PresenceUnavailableException} until it is there. Command latencies are
 * recorded as Lettuce names them ({@code lettuce.command.completion}). Closing ends the connections
 * and the threads, within about two seconds.
 */
public final class RedisPresence implements AutoCloseable {
  /** A snapshot of many pages may take this many times as long as a call. */
  private static final int SNAPSHOT_TIMEOUTS = 4;

  private final RedisClients clients;
  private final RedisLink presenceLink;
  private final RedisLink leaseLink;
  private final RedisPresenceDirectory directory;
  private final PresenceMaintenance maintenance;
  private final GatewayLeases leases;

  private RedisPresence(RedisConfig config, MeterRegistry registry, Duration snapshotTimeout) {
    RedisKeys keys = new RedisKeys(config.prefix());
    clients = new RedisClients(config, registry);
    presenceLink = new RedisLink(clients, "presence", config);
    leaseLink = new RedisLink(clients, "leases", config);
    Roster roster = new Roster(config.lease(), System.nanoTime());
    clients.onDisruption(() -> roster.away(System.nanoTime()));
    leases = new RedisGatewayLeases(new RedisScripts(leaseLink, keys, config.lastSeen()), roster);
    directory =
        new RedisPresenceDirectory(
            clients, presenceLink, keys, roster, config.lastSeen(), snapshotTimeout);
    maintenance = new RedisPresenceMaintenance(presenceLink, keys, config.lastSeen());
  }

  public static RedisPresence start(RedisConfig config, MeterRegistry registry) {
    return start(config, registry, config.commandTimeout().multipliedBy(SNAPSHOT_TIMEOUTS));
  }

  /** A snapshot is tried for a time of its own. */
  static RedisPresence start(RedisConfig config, MeterRegistry registry, Duration snapshotTimeout) {
    return new RedisPresence(config, registry, snapshotTimeout);
  }

  /** Shows in a registry how many queries are under way; once for a registry. */
  public void watchQueries(MeterRegistry registry) {
    directory.watch(registry);
    presenceLink.watch(registry);
    leaseLink.watch(registry);
  }

  public PresenceDirectory directory() {
    return directory;
  }

  public PresenceMaintenance maintenance() {
    return maintenance;
  }

  public GatewayLeases leases() {
    return leases;
  }

  @Override
  public void close() {
    presenceLink.close();
    leaseLink.close();
    clients.close();
  }
}
