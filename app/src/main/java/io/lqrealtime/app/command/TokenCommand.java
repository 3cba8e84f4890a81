package io.lqrealtime.app.command;

import com.nimbusds.jose.JOSEException;
import io.lqrealtime.app.token.SigningKey;
import io.lqrealtime.app.token.SigningKeyFile;
import io.lqrealtime.app.token.TokenContent;
import io.lqrealtime.config.ConfigurationException;
import io.lqrealtime.gateway.security.ChannelPattern;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints a JWT and nothing else. */
@Command(
    name = "token",
    description = "Prints a token for a user of a tenant.",
    mixinStandardHelpOptions = true)
public final class TokenCommand implements Callable<Integer> {
  @Option(names = "--tenant", required = true, description = "The tenant.")
  private String tenant = "";

  @Option(names = "--user", required = true, description = "The user.")
  private String user = "";

  @Option(
      names = "--ttl",
      defaultValue = "1h",
      converter = Durations.class,
      description = "How long it is valid: 30s, 5m, 1h (default: ${DEFAULT-VALUE}).")
  private Duration ttl = Duration.ofHours(1);

  @Option(names = "--subscribe", description = "A pattern of channels to subscribe to; repeatable.")
  private List<String> subscribe = List.of();

  @Option(names = "--publish", description = "A pattern of channels to publish to; repeatable.")
  private List<String> publish = List.of();

  @Option(names = "--presence", description = "A pattern of channels whose presence may be seen.")
  private List<String> presence = List.of();

  @Option(names = "--history", description = "A pattern of channels whose history may be read.")
  private List<String> history = List.of();

  @Option(
      names = "--secret",
      description =
          "The HS256 secret; else LQ_AUTH_HS256_SECRET, else that of ./lq dev's default data.")
  private String secret = "";

  @Option(
      names = "--key",
      paramLabel = "FILE",
      description =
          "A private key, as a JWK or as PEM (PKCS #8), to sign with instead of the secret: RS256"
              + " with an RSA key, ES256 with one on P-256.")
  private Optional<Path> key = Optional.empty();

  @Option(
      names = "--kid",
      description = "What the token calls its key; by default what the JWK says, if it does.")
  private Optional<String> kid = Optional.empty();

  @Option(names = "--issuer", description = "The claim iss, for gateways with LQ_AUTH_ISSUER.")
  private Optional<String> issuer = Optional.empty();

  @Option(
      names = "--audience",
      description = "The claim aud, for gateways with LQ_AUTH_AUDIENCE; repeatable.")
  private List<String> audiences = List.of();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws JOSEException {
    Map<String, List<String>> can = new LinkedHashMap<>();
    put(can, "subscribe", subscribe);
    put(can, "publish", publish);
    put(can, "presence", presence);
    put(can, "history", history);
    TokenContent content =
        new TokenContent(
            new TenantId(tenant),
            new UserId(user),
            Instant.now().plus(ttl),
            can,
            issuer,
            audiences);
    SigningKey signing = signingKey();
    spec.commandLine().getOut().println(kid.map(signing::named).orElse(signing).sign(content));
    return 0;
  }

  private SigningKey signingKey() throws JOSEException {
    if (key.isEmpty()) {
      return SigningKey.ofSecret(secretBytes());
    }
    // By itself --secret has a default, so that it is there does not say that it was given.
    if (spec.commandLine().getParseResult().hasMatchedOption("--secret")) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--key and --secret: a token is signed with one of them");
    }
    try {
      return SigningKeyFile.read(key.get());
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(spec.commandLine(), "--key: " + e.getMessage(), e);
    }
  }

  private void put(Map<String, List<String>> can, String action, List<String> patterns) {
    for (String pattern : patterns) {
      try {
        var _ = new ChannelPattern(pattern);
      } catch (IllegalArgumentException e) {
        throw new CommandLine.ParameterException(
            spec.commandLine(), "--" + action + ": " + e.getMessage());
      }
    }
    if (!patterns.isEmpty()) {
      can.put(action, patterns);
    }
  }

  private byte[] secretBytes() {
    if (secret.isBlank()) {
      throw new ConfigurationException(
          "LQ_AUTH_HS256_SECRET",
          "is not set, and there is no data of ./lq dev here: give --secret or --key");
    }
    byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
    if (bytes.length < 32 && spec.commandLine().getParseResult().hasMatchedOption("--secret")) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--secret: must have at least 32 bytes");
    }
    if (bytes.length < 32) {
      throw new ConfigurationException("LQ_AUTH_HS256_SECRET", "must have at least 32 bytes");
    }
    return bytes;
  }

  /**
   * Signs a token with a secret.
   *
   * @param can what it allows; empty for what a token without the claim allows
   */
  public static String sign(
      byte[] secret, TenantId tenant, UserId user, Instant expiresAt, Map<String, List<String>> can)
      throws JOSEException {
    return SigningKey.ofSecret(secret)
        .sign(new TokenContent(tenant, user, expiresAt, can, Optional.empty(), List.of()));
  }
}
