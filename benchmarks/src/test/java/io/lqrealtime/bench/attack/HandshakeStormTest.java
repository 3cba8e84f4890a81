package io.lqrealtime.bench.attack;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.SignedJWT;
import io.lqrealtime.bench.load.Tokens;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class HandshakeStormTest {

  private static final String SECRET = "0123456789abcdef0123456789abcdef";

  @Test
  void forgedToken_differsFromTheGoodOneInItsSignatureAlone() throws Exception {
    String good = new Tokens.Minted(SECRET, Duration.ofHours(1), "").of("acme", "alice");
    SignedJWT forged = SignedJWT.parse(HandshakeStorm.forged(good));
    assertThat(forged.getJWTClaimsSet().getClaim("tenant")).isEqualTo("acme");
    assertThat(forged.verify(new MACVerifier(SECRET.getBytes(StandardCharsets.UTF_8)))).isFalse();
  }
}
