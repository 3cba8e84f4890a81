package io.lqrealtime.gateway.security;

import static com.nimbusds.jose.JWSAlgorithm.ES256;
import static com.nimbusds.jose.JWSAlgorithm.HS256;
import static com.nimbusds.jose.JWSAlgorithm.RS256;
import static io.lqrealtime.gateway.security.SignedTokens.claims;
import static io.lqrealtime.gateway.security.SignedTokens.ec;
import static io.lqrealtime.gateway.security.SignedTokens.oct;
import static io.lqrealtime.gateway.security.SignedTokens.rsa;
import static io.lqrealtime.gateway.security.SignedTokens.set;
import static io.lqrealtime.gateway.security.SignedTokens.sign;
import static io.lqrealtime.gateway.security.SignedTokens.token;
import static io.lqrealtime.gateway.security.SignedTokens.unnamed;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.PlainJWT;
import io.lqrealtime.gateway.security.TokenVerifier.Outcome;
import io.lqrealtime.gateway.security.TokenVerifier.Outcome.Accepted;
import io.lqrealtime.gateway.security.keys.JwksLocation;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tokens of whatever text, before a shared secret and a JWK Set as a gateway has them: refused in
 * words, never with an exception; and what is accepted has a signature that the JDK finds valid,
 * under the key that its {@code alg} and {@code kid} name, and is the principal of its claims.
 */
class JwtTokenVerifierFuzzTest {
  private static final byte[] SECRET = "a secret of thirty-two bytes....".getBytes(UTF_8);
  private static final OctetSequenceKey SHARED = new OctetSequenceKey.Builder(SECRET).build();
  private static final OctetSequenceKey OF_SET = oct("of-set");
  private static final ECKey EC = ec("ec");
  private static final RSAKey RSA = rsa("rsa");

  /** Good ones, and ones that someone without a key can make. */
  private static final List<String> TOKENS = tokens();

  private static TokenKeys keys;
  private static JwtTokenVerifier verifier;

  @BeforeAll
  static void openKeys(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("jwks.json"), set(EC, RSA, OF_SET));
    ClaimRules rules = new ClaimRules(List.of(), List.of(), Duration.ofSeconds(5));
    keys =
        TokenKeys.open(
            new AuthConfig(
                Optional.of(new Secret(SECRET)),
                Optional.of(new JwksLocation.File(file)),
                Duration.ofHours(1),
                rules,
                1),
            Duration.ofSeconds(10),
            new SimpleMeterRegistry());
    verifier = new JwtTokenVerifier(keys, rules, Clock.systemUTC());
  }

  @AfterAll
  static void closeKeys() {
    keys.close();
  }

  @FuzzTest
  @DictionaryEntries({"eyJhbGciOiJIUzI1NiJ9.", "eyJhbGciOiJub25lIn0.", ".e30.", "e30", "."})
  void anyText_isRefusedUnlessItIsSigned(byte[] input) {
    check(new String(input, UTF_8));
  }

  /** An octet that chooses a token, then changes of three octets each: what, and where. */
  @FuzzTest
  void changedToken_isRefusedUnlessItIsStillSigned(byte[] input) {
    if (input.length == 0) {
      return;
    }
    ByteBuffer script = ByteBuffer.wrap(input);
    StringBuilder token = new StringBuilder(TOKENS.get((script.get() & 0x7f) % TOKENS.size()));
    while (script.remaining() >= 3 && token.length() <= TokenVerifier.MAX_TOKEN_LENGTH) {
      char c = (char) (script.get() & 0xff);
      int where = script.getShort() & 0xffff;
      int at = (where & 0x3fff) % (token.length() + 1);
      switch (where >>> 14) {
        case 0 -> token.insert(at, c);
        case 1 -> token.delete(at, at + 1);
        case 2 -> token.replace(at, at + 1, String.valueOf(c));
        default -> token.append(token.substring(at));
      }
    }
    check(token.toString());
  }

  /** A line of header and the claims, both as they are: signed with the shared secret. */
  @FuzzTest
  @DictionaryEntries({
    "{\"alg\":\"HS256\"}",
    "{\"alg\":\"none\"}",
    "\"kid\":\"of-set\"",
    "\"kid\":\"../../dev/null\"",
    "\"typ\":\"at+jwt\"",
    "\"crit\":[\"exp\"]",
    "\"b64\":false",
    "\"jku\":\"http://127.0.0.1/\"",
    "\"x5u\":\"file:///etc/passwd\"",
    "\"jwk\":{\"kty\":\"oct\",\"k\":\"AAAA\"}",
    "\"x5c\":[\"AAAA\"]",
    "\"zip\":\"DEF\"",
    "\"cty\":\"JWT\"",
    "{\"tenant\":\"acme\",\"sub\":\"alice\",\"exp\":4102444800",
    ",\"can\":{\"publish\":[\"room.*\"]}",
    ",\"nbf\":1",
    ",\"iat\":1",
    ",\"aud\":[\"a\"]",
    "9223372036854775807",
    "1e400"
  })
  void signedText_isRefusedUnlessItsClaimsAreGood(byte[] input) {
    String[] lines = new String(input, UTF_8).split("\n", 2);
    String signed = part(lines[0]) + '.' + part(lines.length == 2 ? lines[1] : "");
    check(signed + '.' + base64(mac(SECRET, signed)));
  }

  private static void check(String token) {
    switch (verifier.verify(token)) {
      case Outcome.Refused(String message) -> assertThat(message).matches("[ -~]{1,100}");
      case Accepted(Principal principal) -> {
        assertThat(token.length()).isLessThanOrEqualTo(TokenVerifier.MAX_TOKEN_LENGTH);
        // It may stand between white space, and between nothing else.
        assertThat(token).matches("[ \\t\\r\\n]*[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+){2}[ \\t\\r\\n]*");
        String[] parts = token.trim().split("\\.", -1);
        assertThat(isSigned(parts)).isTrue();
        checkClaims(principal, json(parts[1]));
      }
    }
  }

  private static void checkClaims(Principal principal, Map<String, Object> claims) {
    assertThat(claims.get("tenant")).isEqualTo(principal.tenant().value());
    assertThat(claims.get("sub")).isEqualTo(principal.user().value());
    assertThat(((Number) claims.get("exp")).longValue()).isEqualTo(principal.expiresAt());
    assertThat(principal.expiresAt()).isGreaterThan(System.currentTimeMillis() / 1000 - 7);
    for (String name : List.of("nbf", "iat")) {
      if (claims.get(name) instanceof Number time) {
        assertThat(time.longValue()).as(name).isLessThan(System.currentTimeMillis() / 1000 + 7);
      }
    }
  }

  private static boolean isSigned(String[] parts) {
    Map<String, Object> header = json(parts[0]);
    for (String refused : List.of("crit", "jku", "jwk", "x5u", "x5c")) {
      assertThat(header).doesNotContainKey(refused);
    }
    String signed = parts[0] + '.' + parts[1];
    byte[] signature = decoded(parts[2]);
    Object kid = header.get("kid");
    return switch (String.valueOf(header.get("alg"))) {
      case "HS256" -> {
        boolean ofSet = MessageDigest.isEqual(mac(OF_SET.toByteArray(), signed), signature);
        boolean shared = MessageDigest.isEqual(mac(SECRET, signed), signature);
        yield "of-set".equals(kid) ? ofSet : kid == null ? ofSet || shared : shared;
      }
      case "RS256" ->
          (kid == null || kid.equals("rsa"))
              && isSigned("SHA256withRSA", publicKey(RSA), signed, signature);
      case "ES256" ->
          (kid == null || kid.equals("ec"))
              && isSigned("SHA256withECDSAinP1363Format", publicKey(EC), signed, signature);
      default -> false;
    };
  }

  private static boolean isSigned(
      String algorithm, PublicKey key, String signed, byte[] signature) {
    try {
      Signature verification = Signature.getInstance(algorithm);
      verification.initVerify(key);
      verification.update(signed.getBytes(UTF_8));
      return verification.verify(signature);
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static PublicKey publicKey(JWK key) {
    try {
      return key instanceof RSAKey rsa ? rsa.toRSAPublicKey() : key.toECKey().toECPublicKey();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] mac(byte[] secret, String signed) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      return mac.doFinal(signed.getBytes(UTF_8));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static Map<String, Object> json(String part) {
    try {
      return JSONObjectUtils.parse(new String(decoded(part), UTF_8));
    } catch (ParseException e) {
      throw new AssertionError(e);
    }
  }

  /** As the library does it, which passes over what is no base64: the signature covers the text. */
  private static byte[] decoded(String part) {
    String alphabet = part.replaceAll("[^A-Za-z0-9_+/-]", "").replace('+', '-').replace('/', '_');
    int length = alphabet.length() % 4 == 1 ? alphabet.length() - 1 : alphabet.length();
    return Base64.getUrlDecoder().decode(alphabet.substring(0, length));
  }

  private static String part(String json) {
    return base64(json.getBytes(UTF_8));
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static List<String> tokens() {
    JWK stranger = ec("ec");
    JWK publicKeyAsSecret =
        new OctetSequenceKey.Builder(publicKey(RSA).getEncoded()).keyID("rsa").build();
    return List.of(
        unnamed(SHARED),
        token(SHARED, "any"),
        token(OF_SET),
        unnamed(OF_SET),
        token(EC),
        unnamed(EC),
        token(RSA),
        unnamed(RSA),
        token(SHARED, "of-set"),
        token(RSA, "ec"),
        token(publicKeyAsSecret),
        token(stranger),
        sign(
            stranger,
            new JWSHeader.Builder(ES256)
                .jwk(stranger.toPublicJWK())
                .jwkURL(URI.create("https://127.0.0.1/jwks.json"))
                .x509CertURL(URI.create("https://127.0.0.1/cert.pem"))
                .build(),
            claims().build()),
        new PlainJWT(claims().build()).serialize(),
        part("{\"alg\":\"none\"}") + '.' + part(claims().build().toString()) + '.',
        part("{\"alg\":\"" + RS256 + "\",\"kid\":\"rsa\"}") + ".e30.AA",
        part("{\"alg\":\"" + HS256 + "\"}") + ".e30.");
  }
}
