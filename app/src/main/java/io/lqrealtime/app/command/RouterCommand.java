package io.lqrealtime.app.command;

import io.lqrealtime.app.ProcessLifetime;
import io.lqrealtime.app.Roles;
import io.lqrealtime.app.management.ManagementConfig;
import io.lqrealtime.app.management.ManagementServer;
import io.lqrealtime.app.management.Metrics;
import io.lqrealtime.config.Environment;
import io.lqrealtime.router.Health;
import io.lqrealtime.router.Router;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;

/** Runs a router until it is told to end, or can't go on. */
@Command(
    name = "router",
    description = "Runs a router, configured by the environment.",
    mixinStandardHelpOptions = true)
public final class RouterCommand implements Role {
  private static final Logger log = LoggerFactory.getLogger(RouterCommand.class);

  private final Environment environment;

  public RouterCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    return ProcessLifetime.run(this::start);
  }

  private void start(ProcessLifetime lifetime) throws InterruptedException {
    lifetime.startInterruptibly();
    ManagementConfig management = ManagementConfig.from(environment);
    management.address().check();
    Metrics metrics = lifetime.open(new Metrics());
    // Opened before the role, and so closed after it: it tells that the role starts and leaves.
    ManagementServer server =
        lifetime.open(ManagementServer.start(management.host(), management.port(), metrics));
    log.info("Health and metrics at {}", server.url());
    Router router = Roles.router(environment, metrics, lifetime);
    server.watch(() -> lifetime.isEnding() ? List.of("router: draining") : Roles.notReady(router));
    Thread.ofPlatform().daemon().name("lq-router-watch").start(() -> watch(router, lifetime));
  }

  /** A router that has failed for good ends its process, so that whoever runs it starts it anew. */
  private static void watch(Router router, ProcessLifetime lifetime) {
    try {
      while (!(router.health() instanceof Health.Failed)) {
        Thread.sleep(500);
      }
      lifetime.fail(String.join(", ", Roles.notReady(router)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
