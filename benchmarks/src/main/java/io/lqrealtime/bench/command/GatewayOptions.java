package io.lqrealtime.bench.command;

import io.lqrealtime.bench.client.ClientOptions;
import io.lqrealtime.bench.client.TrustedCertificates;
import io.lqrealtime.bench.load.ConnectPolicy;
import io.lqrealtime.bench.load.Targets;
import io.lqrealtime.bench.load.Tokens;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Help;
import picocli.CommandLine.Option;

/** Which gateways, as whom, and how the connections are opened. */
final class GatewayOptions {

  @Option(
      names = "--url",
      paramLabel = "WS_URL",
      defaultValue = "ws://127.0.0.1:8082/ws",
      description =
          "A gateway; repeat it for several, over which connections are spread evenly. Default:"
              + " ${DEFAULT-VALUE}")
  List<URI> urls = List.of();

  @Option(
      names = "--ca-file",
      paramLabel = "FILE",
      description =
          "For wss:// URLs: the certificates that may be shown, or that sign those, in PEM."
              + " Default: those that the Java runtime trusts")
  Optional<Path> caFile = Optional.empty();

  @Option(
      names = "--source-addresses",
      paramLabel = "N",
      description =
          "Bind connections in turn to 127.0.0.2, 127.0.0.3, … (N of them), each with ephemeral"
              + " ports of its own. For gateways on this machine. Default: ${DEFAULT-VALUE}, not"
              + " bound")
  int sourceAddresses = 1;

  @Option(
      names = "--secret",
      paramLabel = "SECRET",
      defaultValue = "${env:LQ_AUTH_HS256_SECRET}",
      showDefaultValue = Help.Visibility.NEVER,
      description =
          "Mint a token for each user with this HS256 secret. Default: the environment's"
              + " LQ_AUTH_HS256_SECRET, else that of lq dev's default data")
  String secret = "";

  @Option(
      names = "--token",
      paramLabel = "JWT",
      description = "Use this token for all connections; it decides on tenant and user")
  String token = "";

  @Option(
      names = "--token-ttl",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "How long minted tokens are valid. Default: 6h")
  Duration tokenTtl = Duration.ofHours(6);

  @Option(
      names = "--can",
      paramLabel = "JSON",
      description = "The claim 'can' of minted tokens, a JSON object. Default: none")
  String can = "";

  @Option(
      names = "--tenant",
      paramLabel = "T",
      description = "The tenant of minted tokens. Default: ${DEFAULT-VALUE}")
  String tenant = "bench";

  @Option(
      names = "--tenants",
      paramLabel = "N",
      description =
          "Spread the channels over N tenants (T-0, T-1, …), and so over Kafka's partitions."
              + " Default: ${DEFAULT-VALUE}")
  int tenants = 1;

  @Option(
      names = "--channel-prefix",
      paramLabel = "NAME",
      description = "Channels are NAME.<run>.<number>. Default: ${DEFAULT-VALUE}")
  String channelPrefix = "bench";

  @Option(
      names = "--connect-rate",
      paramLabel = "N",
      description = "Attempts to connect started a second. Default: ${DEFAULT-VALUE}")
  int connectRate = 1_000;

  @Option(
      names = "--connect-concurrency",
      paramLabel = "N",
      description = "Attempts under way at once, until subscribed. Default: ${DEFAULT-VALUE}")
  int connectConcurrency = 200;

  @Option(
      names = "--connect-attempts",
      paramLabel = "N",
      description =
          "Attempts for one connection, with a pause that doubles between them; when they are used"
              + " up the run ends. Default: ${DEFAULT-VALUE}")
  int connectAttempts = 8;

  @Option(
      names = "--ready-timeout",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "For one attempt, from connect to subscribed. Default: 15s")
  Duration readyTimeout = Duration.ofSeconds(15);

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Selector threads of the generator. Default: ${DEFAULT-VALUE}")
  int threads = 1;

  Targets targets() {
    return targets(urls, sourceAddresses);
  }

  /** Others that are reached as these are. */
  Targets targets(List<URI> others, int fromAddresses) {
    Targets targets = new Targets(others, fromAddresses);
    return caFile.map(TrustedCertificates::of).map(targets::trusting).orElse(targets);
  }

  Tokens tokens() {
    if (!token.isEmpty()) {
      return new Tokens.Given(token);
    }
    if (secret.isEmpty()) {
      throw new IllegalArgumentException(
          "need --token, or --secret, or LQ_AUTH_HS256_SECRET in the environment");
    }
    return new Tokens.Minted(secret, tokenTtl, can);
  }

  ConnectPolicy policy() {
    return new ConnectPolicy(connectRate, connectConcurrency, connectAttempts, readyTimeout);
  }

  ClientOptions clientOptions() {
    return ClientOptions.defaults().withThreads(threads).withHandshakeTimeout(readyTimeout);
  }
}
