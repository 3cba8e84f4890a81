package io.lqrealtime.app;

import io.lqrealtime.app.console.Site;
import io.lqrealtime.app.management.Metrics;
import io.lqrealtime.config.Environment;
import io.lqrealtime.gateway.Gateway;
import io.lqrealtime.gateway.GatewayConfig;
import io.lqrealtime.gateway.GatewayHealth;
import io.lqrealtime.gateway.presence.GatewayPresence;
import io.lqrealtime.presence.GatewayLeases;
import io.lqrealtime.presence.PresenceSweeper;
import io.lqrealtime.presence.redis.RedisConfig;
import io.lqrealtime.presence.redis.RedisPresence;
import io.lqrealtime.router.Health;
import io.lqrealtime.router.Router;
import io.lqrealtime.router.RouterConfig;
import io.lqrealtime.router.sweep.LeaseObserver;
import io.undertow.server.HttpHandler;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Starts the roles of the service from an environment, and wires their ports to the adapters. */
public final class Roles {
  private Roles() {}

  /**
   * A gateway with its presence in Redis.
   *
   * @param console the page to serve where the environment asks for it
   */
  public static Gateway gateway(
      Environment environment, Metrics metrics, HttpHandler console, ProcessLifetime lifetime)
      throws InterruptedException {
    GatewayConfig config = GatewayConfig.from(environment);
    KafkaRules.check(environment.kafkaProperties("LQ_KAFKA_"));
    lifetime.extendClosing(config.drainTime());
    new ListenAddress("WS_HOST", "WS_PORT", config.host(), config.port()).check();
    RedisConfig redis = RedisConfig.from(environment);
    RedisPresence presence = lifetime.open(RedisPresence.start(redis, metrics.registry()));
    presence.watchQueries(metrics.registry());
    return lifetime.open(
        Gateway.start(
            config,
            metrics.registry(),
            new GatewayPresence.Ports(
                presence.directory(), presence.maintenance(), presence.leases(), redis.lease()),
            config.console() ? console : Site.plain(),
            () -> lifetime.fail("another process has taken this gateway's id")));
  }

  /** A router that watches the gateways' leases in Redis, and sweeps what gateways left there. */
  public static Router router(Environment environment, Metrics metrics, ProcessLifetime lifetime) {
    RouterConfig config = RouterConfig.from(environment);
    KafkaRules.check(environment.kafkaProperties("LQ_KAFKA_"));
    RedisConfig redis = RedisConfig.from(environment);
    RedisPresence presence = lifetime.open(RedisPresence.start(redis, metrics.registry()));
    var _ =
        lifetime.open(
            PresenceSweeper.start(presence.maintenance(), presence.leases(), redis.lease()));
    return lifetime.open(
        Router.start(config, metrics.registry(), observer(presence.leases(), redis)));
  }

  private static LeaseObserver observer(GatewayLeases leases, RedisConfig redis) {
    return () -> {
      try {
        GatewayLeases.Observation seen =
            leases
                .observe()
                .toCompletableFuture()
                .get(redis.lease().toMillis(), TimeUnit.MILLISECONDS);
        return new LeaseObserver.Observation(seen.epoch(), seen.generations());
      } catch (ExecutionException | TimeoutException e) {
        throw new IOException("the leases can't be seen", e);
      }
    };
  }

  /** Why the gateway can't serve; empty if it can. */
  public static List<String> notReady(Gateway gateway) {
    return switch (gateway.health()) {
      case GatewayHealth.Ready _ -> List.of();
      case GatewayHealth.NotReady notReady ->
          notReady.reasons().stream().map(reason -> "gateway: " + reason).toList();
    };
  }

  /** Why the router can't route; empty if it can. */
  public static List<String> notReady(Router router) {
    return switch (router.health()) {
      case Health.Ready _ -> List.of();
      case Health.NotReady notReady -> List.of("router: " + notReady.reason());
      case Health.Failed failed -> List.of("router: " + failed.reason());
    };
  }
}
