package io.lqrealtime.router;

import io.lqrealtime.config.Environment;
import io.lqrealtime.router.sweep.LeaseObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A router in a process of its own, to be killed. */
final class RouterProcess {
  private RouterProcess() {}

  static Process start(Map<String, String> environment) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path") + File.pathSeparator + surefireClassPath(),
                RouterProcess.class.getName()));
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static String surefireClassPath() {
    return System.getProperty("surefire.test.class.path", "");
  }

  /** Runs until it is killed. */
  public static void main(String[] args) throws InterruptedException {
    LeaseObserver unseen =
        () -> {
          throw new IOException("no leases in this test");
        };
    Router router =
        Router.start(
            RouterConfig.from(new Environment(System.getenv())), new SimpleMeterRegistry(), unseen);
    while (!(router.health() instanceof Health.Failed)) {
      Thread.sleep(500);
    }
    router.close();
  }
}
