package io.lqrealtime.gateway.security.keys;

import static io.lqrealtime.gateway.security.SignedTokens.claims;
import static io.lqrealtime.gateway.security.SignedTokens.ec;
import static io.lqrealtime.gateway.security.SignedTokens.oct;
import static io.lqrealtime.gateway.security.SignedTokens.rsa;
import static io.lqrealtime.gateway.security.SignedTokens.set;
import static io.lqrealtime.gateway.security.SignedTokens.sign;
import static io.lqrealtime.gateway.security.SignedTokens.token;
import static io.lqrealtime.gateway.security.SignedTokens.unnamed;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.PlainJWT;
import io.lqrealtime.gateway.security.ClaimRules;
import io.lqrealtime.gateway.security.JwtTokenVerifier;
import io.lqrealtime.gateway.security.TokenVerifier.Outcome;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which key of a set a token is verified with. */
class KeySelectionTest {
  private static final RSAKey RSA = rsa("rsa");
  private static final RSAKey OTHER_RSA = rsa("other-rsa");
  private static final ECKey EC = ec("ec");
  private static final ECKey OTHER_EC = ec("other-ec");
  private static final OctetSequenceKey OCT = oct("oct");

  private static JwtTokenVerifier verifierOf(JWK... keys) {
    JwkSetReader.Result read =
        new JwkSetReader(true).read(set(keys).getBytes(StandardCharsets.UTF_8));
    return new JwtTokenVerifier(
        ((JwkSetReader.Result.Usable) read).keys(),
        new ClaimRules(List.of(), List.of(), Duration.ofSeconds(5)),
        Clock.systemUTC());
  }

  private static void assertAccepted(JwtTokenVerifier verifier, String token) {
    assertThat(verifier.verify(token)).isInstanceOf(Outcome.Accepted.class);
  }

  private static void assertRefused(JwtTokenVerifier verifier, String token) {
    assertThat(verifier.verify(token)).isInstanceOf(Outcome.Refused.class);
  }

  @Test
  void rs256Es256AndHs256_areAccepted_namedAndUnnamed() {
    JwtTokenVerifier verifier = verifierOf(RSA, EC, OCT);
    for (JWK key : List.of(RSA, EC, OCT)) {
      assertAccepted(verifier, token(key));
      assertAccepted(verifier, unnamed(key));
    }
  }

  @Test
  void tokenThatNamesAKey_isForThatOneAlone() {
    JwtTokenVerifier verifier = verifierOf(RSA, OTHER_RSA, EC, OTHER_EC);
    assertAccepted(verifier, token(OTHER_RSA));
    assertAccepted(verifier, token(OTHER_EC));
    assertRefused(verifier, token(OTHER_RSA, "rsa"));
    assertRefused(verifier, token(EC, "other-ec"));
    assertRefused(verifier, token(EC, "rsa"));
    assertThat(verifier.verify(token(EC, "unknown")))
        .isEqualTo(
            new Outcome.Refused(
                "the token is signed with an algorithm or key that is not accepted"));
  }

  @Test
  void keyWithoutAName_isForTokensWithoutOne() {
    ECKey nameless = ec(null);
    assertAccepted(verifierOf(nameless), unnamed(nameless));
    assertRefused(verifierOf(nameless), token(nameless, "any"));
    assertRefused(verifierOf(nameless), token(nameless, ""));
  }

  @Test
  void tokenWithoutAName_isTriedWithTheFirstFourKeysOfItsKind() throws Exception {
    List<ECKey> many = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      many.add(ec("k" + i));
    }
    List<JWK> all = new ArrayList<>(many);
    all.addFirst(RSA);
    JwtTokenVerifier verifier = verifierOf(all.toArray(JWK[]::new));
    for (int i = 0; i < 4; i++) {
      assertAccepted(verifier, unnamed(many.get(i)));
    }
    for (int i = 4; i < 6; i++) {
      assertRefused(verifier, unnamed(many.get(i)));
      assertAccepted(verifier, token(many.get(i)));
    }
    assertRefused(verifier, unnamed(ec("stranger")));

    List<TokenKey> hundred = new ArrayList<>();
    JWSVerifier key = new ECDSAVerifier(EC);
    for (int i = 0; i < 100; i++) {
      hundred.add(new TokenKey(Optional.of("k" + i), JWSAlgorithm.ES256, key));
    }
    assertThat(new KeySet(hundred).select(JWSAlgorithm.ES256, Optional.empty())).hasSize(4);
    assertThat(new KeySet(hundred).select(JWSAlgorithm.ES256, Optional.of("k99"))).hasSize(1);
  }

  @Test
  void publicKey_isNeverTheSecretOfAnHmac() throws Exception {
    String der = Base64.getMimeEncoder().encodeToString(RSA.toRSAPublicKey().getEncoded());
    String pem = "-----BEGIN PUBLIC KEY-----\n" + der + "\n-----END PUBLIC KEY-----";
    List<byte[]> secrets =
        List.of(
            RSA.toRSAPublicKey().getEncoded(),
            pem.getBytes(StandardCharsets.UTF_8),
            (pem + "\n").getBytes(StandardCharsets.UTF_8),
            RSA.getModulus().decode(),
            RSA.getModulus().toString().getBytes(StandardCharsets.UTF_8),
            RSA.toPublicJWK().toJSONString().getBytes(StandardCharsets.UTF_8),
            EC.toECPublicKey().getEncoded(),
            EC.getX().decode());
    for (byte[] secret : secrets) {
      OctetSequenceKey forged = new OctetSequenceKey.Builder(secret).build();
      for (JwtTokenVerifier verifier : List.of(verifierOf(RSA, EC), verifierOf(RSA, EC, OCT))) {
        assertRefused(verifier, unnamed(forged));
        assertRefused(verifier, token(forged, "rsa"));
        assertRefused(verifier, token(forged, "ec"));
        assertRefused(verifier, token(forged, "oct"));
      }
    }
  }

  @Test
  void otherAlgorithmsOfTheSameKeys_areRefused() {
    JwtTokenVerifier verifier = verifierOf(RSA, EC, OCT);
    for (JWSAlgorithm algorithm :
        List.of(JWSAlgorithm.RS384, JWSAlgorithm.RS512, JWSAlgorithm.PS256, JWSAlgorithm.PS512)) {
      JWSHeader header = new JWSHeader.Builder(algorithm).keyID("rsa").build();
      assertRefused(verifier, sign(RSA, header, claims().build()));
    }
    assertRefused(verifier, new PlainJWT(claims().build()).serialize());
  }

  @Test
  void signatureOfZeros_isRefused() {
    // As Java once accepted of anybody: CVE-2022-21449.
    String signed = token(EC).substring(0, token(EC).lastIndexOf('.') + 1);
    String zeros = Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[64]);
    assertRefused(verifierOf(EC), signed + zeros);
    assertRefused(verifierOf(EC), signed);
    assertRefused(verifierOf(RSA), token(RSA).substring(0, token(RSA).lastIndexOf('.') + 1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "../../../../etc/passwd",
        "/dev/stdin",
        "file:///etc/passwd",
        "' OR '1'='1",
        "ec; DROP TABLE keys",
        "${jndi:ldap://127.0.0.1/a}",
        "ec\u0000",
        "ec\r\nX-Header: 1",
        "EC",
        "*"
      })
  void kid_isANameToCompare_andNothingElse(String kid) {
    assertRefused(verifierOf(EC, RSA), token(EC, kid));
    assertRefused(verifierOf(EC, RSA), token(RSA, kid));
  }

  @Test
  void hugeKid_isRefused() {
    assertRefused(verifierOf(EC), token(EC, "x".repeat(5000)));
    assertRefused(verifierOf(EC), token(EC, "x".repeat(1 << 20)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"5", "null", "[]", "{}", "true", "[\"ec\"]"})
  void kidThatIsNoText_isRefusedOrTakenForNone(String kid) {
    String header = "{\"alg\":\"ES256\",\"kid\":" + kid + "}";
    String token =
        Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(header.getBytes(StandardCharsets.UTF_8))
            + token(EC).substring(token(EC).indexOf('.'));
    assertRefused(verifierOf(EC), token);
  }
}
