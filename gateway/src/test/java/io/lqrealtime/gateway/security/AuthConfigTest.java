package io.lqrealtime.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lqrealtime.config.ConfigurationException;
import io.lqrealtime.config.Environment;
import io.lqrealtime.gateway.security.keys.JwksLocation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuthConfigTest {
  private static final String SECRET = "0123456789abcdef0123456789abcdef";

  private static AuthConfig from(Map<String, String> values) {
    return AuthConfig.from(new Environment(values));
  }

  @Test
  void neitherSecretNorJwks_namesBothKeys() {
    assertThatThrownBy(() -> from(Map.of("LQ_AUTH_HS256_SECRET", " ", "LQ_AUTH_JWKS", "")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(
            "LQ_AUTH_HS256_SECRET: is required, or LQ_AUTH_JWKS, or both: without them no token"
                + " can be verified");
  }

  @Test
  void eitherAndBoth_willDo() {
    Map<String, String> secret = Map.of("LQ_AUTH_HS256_SECRET", SECRET);
    Map<String, String> jwks = Map.of("LQ_AUTH_JWKS", "/etc/jwks.json");
    Map<String, String> both = new HashMap<>(secret);
    both.putAll(jwks);

    assertThat(from(secret).secret()).isPresent();
    assertThat(from(secret).jwks()).isEmpty();
    assertThat(from(jwks).secret()).isEmpty();
    assertThat(from(jwks).jwks()).contains(new JwksLocation.File(Path.of("/etc/jwks.json")));
    assertThat(from(both).secret()).isPresent();
    assertThat(from(both).jwks()).isPresent();
  }

  @Test
  void defaults() {
    AuthConfig config = from(Map.of("LQ_AUTH_HS256_SECRET", SECRET));
    assertThat(config.jwksRefresh()).isEqualTo(Duration.ofMinutes(5));
    assertThat(config.claims())
        .isEqualTo(new ClaimRules(List.of(), List.of(), Duration.ofSeconds(5)));
  }

  @Test
  void issuersAndAudiences_areLists() {
    AuthConfig config =
        from(
            Map.of(
                "LQ_AUTH_HS256_SECRET", SECRET,
                "LQ_AUTH_ISSUER", "https://a.example.com, https://b.example.com",
                "LQ_AUTH_AUDIENCE", "lq",
                "LQ_AUTH_CLOCK_SKEW", "60s",
                "LQ_AUTH_JWKS_REFRESH", "10s"));
    assertThat(config.claims())
        .isEqualTo(
            new ClaimRules(
                List.of("https://a.example.com", "https://b.example.com"),
                List.of("lq"),
                Duration.ofSeconds(60)));
    assertThat(config.jwksRefresh()).isEqualTo(Duration.ofSeconds(10));
  }

  @ParameterizedTest
  @CsvSource({
    "LQ_AUTH_HS256_SECRET, short, must have at least 32 bytes",
    "LQ_AUTH_JWKS, http://id.example.com/jwks, http: is for loopback hosts only",
    "LQ_AUTH_JWKS, https://me:password@id.example.com/, must not hold a user or password",
    "LQ_AUTH_JWKS, ldap://id.example.com/, must be a file",
    "LQ_AUTH_JWKS_REFRESH, 9s, must be from 10s to 24h",
    "LQ_AUTH_JWKS_REFRESH, 25h, must be from 10s to 24h",
    "LQ_AUTH_CLOCK_SKEW, 61s, must be from 0s to 1m",
    "LQ_AUTH_CLOCK_SKEW, -1s, must be a time",
  })
  void valueThatCantBeUsed_namesItsKey(String key, String value, String message) {
    Map<String, String> values = new HashMap<>(Map.of("LQ_AUTH_HS256_SECRET", SECRET));
    values.put(key, value);
    assertThatThrownBy(() -> from(values))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith(key + ": " + message)
        .hasMessageNotContaining("password@")
        .hasMessageNotContaining(SECRET);
  }

  @Test
  void secret_isNotShown() {
    AuthConfig config = from(Map.of("LQ_AUTH_HS256_SECRET", SECRET));
    assertThat(config.toString()).doesNotContain(SECRET).contains("(secret)");
  }
}
