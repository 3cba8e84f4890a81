package io.lqrealtime.app;

import io.lqrealtime.config.ConfigurationException;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Locale;
import java.util.Optional;

/**
 * Where a part is to listen, and the settings that say so.
 *
 * @param hostKey the setting that the host comes from
 * @param portKey the setting that the port comes from
 * @param port 0 is any free one
 */
public record ListenAddress(String hostKey, String portKey, String host, int port) {

  /**
   * Tries to listen there, for a moment. Before a role contacts anything else, so that a port that
   * is taken is told at once, under the key to change.
   *
   * @throws ConfigurationException that names the key, if it can't be listened there
   */
  public void check() {
    Optional<ConfigurationException> problem = problem();
    if (problem.isPresent()) {
      throw problem.get();
    }
  }

  /** Why it can't be listened there, under the key that is to be changed; empty if it can. */
  public Optional<ConfigurationException> problem() {
    InetSocketAddress address = new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      return Optional.of(new ConfigurationException(hostKey, host + " is no address or host name"));
    }
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(address);
      return Optional.empty();
    } catch (IOException e) {
      String reason = String.valueOf(e.getMessage());
      if (!(e instanceof BindException)) {
        return Optional.of(new ConfigurationException(hostKey, host + ": " + reason));
      }
      String lower = reason.toLowerCase(Locale.ROOT);
      if (lower.contains("already in use")) {
        return Optional.of(
            new ConfigurationException(
                portKey, "port " + port + " of " + host + " is in use by another process"));
      }
      return Optional.of(
          lower.contains("permission")
              ? new ConfigurationException(
                  portKey, "port " + port + " of " + host + " may not be used by this process")
              : new ConfigurationException(hostKey, host + " is no address of this machine"));
    }
  }
}
