package io.lqrealtime.app.command;

import io.lqrealtime.bench.client.BlockingClient;
import io.lqrealtime.bench.client.ConnectRequest;
import io.lqrealtime.bench.client.HandshakeException;
import io.lqrealtime.bench.client.TrustedCertificates;
import io.lqrealtime.config.Environment;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

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

  /** The command that has these options. */
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  private final Environment environment;

  ClientOptions(Environment environment) {
    this.environment = environment;
  }

  /**
   * Connects, and reads the greeting.
   *
   * @throws IOException that says why it could not, and what may help
   */
  BlockingClient connect() throws IOException {
    ConnectRequest request = ConnectRequest.to(url).bearer(token());
    try {
      BlockingClient client =
          BlockingClient.connect(
              caFile.map(TrustedCertificates::of).map(request::trusting).orElse(request));
      client.next(frame -> frame.startsWith("{\"type\":\"welcome\""), Duration.ofSeconds(10));
      return client;
    } catch (HandshakeException e) {
      throw new IOException(explained(e), e);
    }
  }

  private String token() {
    String given = token.isBlank() ? environment.values().getOrDefault("LQ_TOKEN", "") : token;
    if (given.isBlank()) {
      throw new ParameterException(
          command.commandLine(),
          "which token? --token or LQ_TOKEN gives it, and lq token prints one");
    }
    return given.strip();
  }

  private String explained(HandshakeException failure) {
    String what = String.valueOf(failure.getMessage());
    if (failure.status() == 200 || failure.status() == 404) {
      return what + " (a gateway's address ends in /ws)";
    }
    if (caFile.isEmpty() && what.contains("certification path")) {
      return what + " (--ca-file says which certificates to trust)";
    }
    return what;
  }
}
