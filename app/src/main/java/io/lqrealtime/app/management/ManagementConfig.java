package io.lqrealtime.app.management;

import io.lqrealtime.app.ListenAddress;
import io.lqrealtime.config.Environment;

/** Where health and metrics are served. */
public record ManagementConfig(String host, int port) {
  public static ManagementConfig from(Environment environment) {
    return new ManagementConfig(
        environment.text(
            "LQ_MANAGEMENT_HOST",
            "127.0.0.1",
            "an address",
            "The address of health and metrics; loopback unless said otherwise."),
        environment.integer(
            "LQ_MANAGEMENT_PORT",
            8083,
            0,
            65535,
            "The port of health and metrics; 0 is any free one."));
  }

  public ListenAddress address() {
    return new ListenAddress("LQ_MANAGEMENT_HOST", "LQ_MANAGEMENT_PORT", host, port);
  }
}
