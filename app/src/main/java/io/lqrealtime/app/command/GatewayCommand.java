package io.lqrealtime.app.command;

import io.lqrealtime.app.ProcessLifetime;
import io.lqrealtime.app.Roles;
import io.lqrealtime.app.console.Site;
import io.lqrealtime.app.management.ManagementConfig;
import io.lqrealtime.app.management.ManagementServer;
import io.lqrealtime.app.management.Metrics;
import io.lqrealtime.config.Environment;
import io.lqrealtime.gateway.Gateway;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;

/** Runs a gateway until it is told to end. */
@Command(
    name = "gateway",
    description = "Runs a gateway, configured by the environment.",
    mixinStandardHelpOptions = true)
public final class GatewayCommand implements Role {
  private static final Logger log = LoggerFactory.getLogger(GatewayCommand.class);

  private final Environment environment;

  public GatewayCommand(Environment environment) {
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
    // Opened before the role, and so closed after it: it tells that the role starts and drains.
    ManagementServer server =
        lifetime.open(ManagementServer.start(management.host(), management.port(), metrics));
    log.info("Health and metrics at {}", server.url());
    Gateway gateway = Roles.gateway(environment, metrics, Site.console(Optional.empty()), lifetime);
    server.watch(() -> Roles.notReady(gateway));
  }
}
