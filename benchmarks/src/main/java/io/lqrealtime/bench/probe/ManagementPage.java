package io.lqrealtime.bench.probe;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/**
 * The {@code /metrics} page of a management port.
 *
 * @param name what the report calls the process
 * @param hostAndPort where it listens
 */
public record ManagementPage(String name, String hostAndPort) {

  private static final int TIMEOUT_MILLIS = 5_000;
  private static final int LONGEST_PAGE = 16 << 20;

  public ManagementPage {
    if (!hostAndPort.matches("[^/\\s]+:[0-9]{1,5}")) {
      throw new IllegalArgumentException("need [name=]host:port, not " + hostAndPort);
    }
  }

  /** From {@code host:port} or {@code name=host:port}. */
  public static ManagementPage of(String text) {
    int equals = text.indexOf('=');
    return equals < 0
        ? new ManagementPage(text, text)
        : new ManagementPage(text.substring(0, equals), text.substring(equals + 1));
  }

  public Reading<PrometheusText> read() {
    try {
      HttpURLConnection connection =
          (HttpURLConnection)
              URI.create("http://" + hostAndPort + "/metrics").toURL().openConnection();
      connection.setConnectTimeout(TIMEOUT_MILLIS);
      connection.setReadTimeout(TIMEOUT_MILLIS);
      if (connection.getResponseCode() != 200) {
        return new Reading.Missing<>("/metrics answered " + connection.getResponseCode());
      }
      try (InputStream body = connection.getInputStream()) {
        String page = new String(body.readNBytes(LONGEST_PAGE), StandardCharsets.UTF_8);
        return new Reading.Got<>(PrometheusText.parse(page));
      }
    } catch (IOException e) {
      return new Reading.Missing<>("/metrics was not read: " + e.getMessage());
    }
  }
}
