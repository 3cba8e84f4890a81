package io.lqrealtime.app.command;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.lqrealtime.config.ConfigurationException;
import io.lqrealtime.gateway.security.ChannelPattern;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws JOSEException {
    Map<String, List<String>> can = new LinkedHashMap<>();
    put(can, "subscribe", subscribe);
    put(can, "publish", publish);
    put(can, "presence", presence);
    put(can, "history", history);
    String token =
        sign(secretBytes(), new TenantId(tenant), new UserId(user), Instant.now().plus(ttl), can);
    spec.commandLine().getOut().println(token);
    return 0;
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
    String text = secret.isEmpty() ? System.getenv("LQ_AUTH_HS256_SECRET") : secret;
    if (text == null || text.isBlank()) {
      throw new ConfigurationException(
          "LQ_AUTH_HS256_SECRET",
          "is not set, and there is no data of ./lq dev here: give --secret");
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length < 32) {
      throw new ConfigurationException("LQ_AUTH_HS256_SECRET", "must have at least 32 bytes");
    }
    return bytes;
  }

  /**
   * Signs a token.
   *
   * @param can what it allows; empty for what a token without the claim allows
   */
  @SuppressWarnings("JavaUtilDate") // The library takes nothing else.
  public static String sign(
      byte[] secret, TenantId tenant, UserId user, Instant expiresAt, Map<String, List<String>> can)
      throws JOSEException {
    JWTClaimsSet.Builder claims =
        new JWTClaimsSet.Builder()
            .claim("tenant", tenant.value())
            .subject(user.value())
            .expirationTime(Date.from(expiresAt));
    if (!can.isEmpty()) {
      claims.claim("can", can);
    }
    SignedJWT jwt = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims.build());
    jwt.sign(new MACSigner(secret));
    return jwt.serialize();
  }
}
