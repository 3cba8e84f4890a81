package io.lqrealtime.gateway.security;

import static io.lqrealtime.gateway.security.SignedTokens.ec;
import static io.lqrealtime.gateway.security.SignedTokens.oct;
import static io.lqrealtime.gateway.security.SignedTokens.set;
import static io.lqrealtime.gateway.security.SignedTokens.token;
import static io.lqrealtime.gateway.security.SignedTokens.unnamed;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import io.lqrealtime.gateway.security.TokenVerifier.Outcome;
import io.lqrealtime.gateway.security.keys.JwksLocation;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shared secret and a JWK Set side by side. */
class TokenKeysTest {
  private static final OctetSequenceKey SECRET = oct(null);
  private static final OctetSequenceKey OF_SET = oct("of-set");
  private static final ECKey EC = ec("ec");
  private static final ClaimRules RULES =
      new ClaimRules(List.of(), List.of(), Duration.ofSeconds(5));

  @TempDir private static Path directory;

  private static AuthConfig config(boolean secret, boolean jwks) throws Exception {
    Path file = Files.writeString(directory.resolve("jwks.json"), set(EC, OF_SET));
    return new AuthConfig(
        secret ? Optional.of(new Secret(SECRET.toByteArray())) : Optional.empty(),
        jwks ? Optional.of(new JwksLocation.File(file)) : Optional.empty(),
        Duration.ofMinutes(5),
        RULES,
        1);
  }

  private static List<Boolean> accepted(AuthConfig config, String... tokens) throws Exception {
    try (TokenKeys keys =
        TokenKeys.open(config, Duration.ofSeconds(10), new SimpleMeterRegistry())) {
      JwtTokenVerifier verifier = new JwtTokenVerifier(keys, RULES, Clock.systemUTC());
      return List.of(tokens).stream()
          .map(token -> verifier.verify(token) instanceof Outcome.Accepted)
          .toList();
    }
  }

  @Test
  void secretAlone_verifiesHs256_whateverKeyTheTokenNames() throws Exception {
    assertThat(
            accepted(
                config(true, false),
                unnamed(SECRET),
                token(SECRET, "any"),
                unnamed(OF_SET),
                token(EC)))
        .containsExactly(true, true, false, false);
  }

  @Test
  void setAlone_knowsNoSecretButItsOwn() throws Exception {
    assertThat(
            accepted(
                config(false, true),
                token(EC),
                unnamed(EC),
                token(OF_SET),
                unnamed(OF_SET),
                unnamed(SECRET),
                token(SECRET, "any")))
        .containsExactly(true, true, true, true, false, false);
  }

  @Test
  void both_verifyTheirOwn_andANameOfTheSetMeansTheSet() throws Exception {
    assertThat(
            accepted(
                config(true, true),
                token(EC),
                unnamed(SECRET),
                token(SECRET, "any"),
                unnamed(OF_SET),
                token(OF_SET),
                token(SECRET, "of-set"),
                token(SECRET, "ec")))
        .containsExactly(true, true, true, true, true, false, false);
  }
}
