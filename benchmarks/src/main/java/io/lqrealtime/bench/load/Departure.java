package io.lqrealtime.bench.load;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** How the clients of a {@link ResumeRun} lose their connections. */
public sealed interface Departure {

  /** They close them. */
  record Close() implements Departure {}

  /**
   * A command takes them away, by killing the gateway, say. It may leave something behind that
   * starts the gateway again.
   *
   * @param shell the command, for {@code sh -c}; its output is discarded
   */
  record Command(String shell) implements Departure {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    public Command {
      if (shell.isBlank()) {
        throw new IllegalArgumentException("the command that ends the connections is empty");
      }
    }

    /**
     * Runs it to its end.
     *
     * @throws RunException if it can't be run, fails, or takes longer than a minute
     */
    void run() {
      try {
        Process process =
            new ProcessBuilder("sh", "-c", shell)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
          process.destroyForcibly();
          throw new RunException(
              "the command that ends the connections took longer than a minute: " + shell);
        }
        if (process.exitValue() != 0) {
          throw new RunException(
              "the command that ends the connections failed with "
                  + process.exitValue()
                  + ": "
                  + shell);
        }
      } catch (IOException e) {
        throw new RunException("the command can't be run: " + e.getMessage(), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new RunException("interrupted while the command ran: " + shell, e);
      }
    }
  }
}
