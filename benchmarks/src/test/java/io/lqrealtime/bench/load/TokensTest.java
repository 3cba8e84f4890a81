package io.lqrealtime.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.SignedJWT;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TokensTest {

  private static final String SECRET = "0123456789abcdef0123456789abcdef";

  @Test
  void mintedToken_hasTheClaimsAndAValidSignature() throws Exception {
    Tokens tokens = new Tokens.Minted(SECRET, Duration.ofHours(1), "{\"subscribe\":[\"room.*\"]}");
    SignedJWT token = SignedJWT.parse(tokens.of("acme", "alice"));
    assertThat(token.verify(new MACVerifier(SECRET.getBytes(StandardCharsets.UTF_8)))).isTrue();
    assertThat(token.getHeader().getAlgorithm().getName()).isEqualTo("HS256");
    assertThat(token.getJWTClaimsSet().getClaim("tenant")).isEqualTo("acme");
    assertThat(token.getJWTClaimsSet().getSubject()).isEqualTo("alice");
    assertThat(token.getJWTClaimsSet().getClaim("can"))
        .isEqualTo(Map.of("subscribe", List.of("room.*")));
    assertThat(token.getJWTClaimsSet().getExpirationTime().toInstant())
        .isBetween(Instant.now().plusSeconds(3_500), Instant.now().plusSeconds(3_601));
  }

  @Test
  void withoutCan_thereIsNoSuchClaim() throws Exception {
    Tokens tokens = new Tokens.Minted(SECRET, Duration.ofHours(1), "");
    assertThat(SignedJWT.parse(tokens.of("t", "u")).getJWTClaimsSet().getClaims())
        .doesNotContainKey("can");
  }

  @Test
  void shortSecretAndBrokenCan_areRefusedWithoutShowingTheSecret() {
    assertThatThrownBy(() -> new Tokens.Minted("short-secret", Duration.ofHours(1), ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("32 bytes")
        .hasMessageNotContaining("short-secret");
    assertThatThrownBy(() -> new Tokens.Minted(SECRET, Duration.ofHours(1), "["))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
