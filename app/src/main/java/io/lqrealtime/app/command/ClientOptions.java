package io.lqrealtime.app.command;

import io.lqrealtime.bench.client.BlockingClient;
import io.lqrealtime.bench.client.ConnectRequest;
import io.lqrealtime.bench.client.HandshakeException;
import io.lqrealtime.bench.client.TrustedCertificates;
import io.lqrealtime.config.Environment;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How {@code publish} and {@code tail} reach a gateway. */
final class ClientOptions {
  @Option(
      names = "--url",
      defaultValue = "ws://localhost:8082/ws",
      description = "The gateway, ws:// or wss:// (default: ${DEFAULT-VALUE}).")
  private URI url = URI.create("ws://localhost:8082/ws");

  @Option(
      names = "--ca-file",
      description =
          "For wss://: the certificates that the gateway may show, or that sign those, in PEM"
              + " (default: those that the Java runtime trusts).")
  private Optional<Path> caFile = Optional.empty();

  @Option(
      names = "--token",
      defaultValue = "",
      description = "The token to connect with; else LQ_TOKEN.")
  private String token = "";

  private final Environment environment;

  ClientOptions(Environment environment) {
    this.environment = environment;
  }

  /** Connects, and reads the greeting. */
  BlockingClient connect() throws HandshakeException {
    ConnectRequest request = ConnectRequest.to(url).bearer(token());
    BlockingClient client =
        BlockingClient.connect(
            caFile.map(TrustedCertificates::of).map(request::trusting).orElse(request));
    client.next(frame -> frame.startsWith("{\"type\":\"welcome\""), Duration.ofSeconds(10));
    return client;
  }

  private String token() {
    return token.isEmpty() ? environment.values().getOrDefault("LQ_TOKEN", "") : token;
  }
}
