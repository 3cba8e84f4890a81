package io.lqrealtime.app.command;

import io.lqrealtime.bench.client.BlockingClient;
import io.lqrealtime.bench.client.HandshakeException;
import java.net.URI;
import java.time.Duration;
import picocli.CommandLine.Option;

/** How {@code publish} and {@code tail} reach a gateway. */
final class ClientOptions {
  @Option(
      names = "--url",
      defaultValue = "ws://localhost:8082/ws",
      description = "The gateway (default: ${DEFAULT-VALUE}).")
  private URI url = URI.create("ws://localhost:8082/ws");

  @Option(
      names = "--token",
      defaultValue = "${LQ_TOKEN:-}",
      description = "The token to connect with; else LQ_TOKEN.")
  private String token = "";

  /** Connects, and reads the greeting. */
  BlockingClient connect() throws HandshakeException {
    BlockingClient client = BlockingClient.connect(url, token);
    client.next(frame -> frame.startsWith("{\"type\":\"welcome\""), Duration.ofSeconds(10));
    return client;
  }
}
