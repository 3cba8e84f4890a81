package io.lqrealtime.gateway.security.keys;

import static io.lqrealtime.gateway.security.SignedTokens.ec;
import static io.lqrealtime.gateway.security.SignedTokens.oct;
import static io.lqrealtime.gateway.security.SignedTokens.rsa;
import static io.lqrealtime.gateway.security.SignedTokens.set;
import static io.lqrealtime.gateway.security.SignedTokens.setOf;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.Algorithm;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyOperation;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.OctetSequenceKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JwkSetReaderTest {
  private static final ECKey GOOD = ec("good");
  private static final RSAKey RSA = rsa("rsa");

  private static JwkSetReader.Result read(String document) {
    return new JwkSetReader(true).read(document.getBytes(StandardCharsets.UTF_8));
  }

  private static KeySet keys(String document) {
    return ((JwkSetReader.Result.Usable) read(document)).keys();
  }

  /** The reason for which the key is left out beside a good one, which is taken. */
  private static String objection(String key) {
    JwkSetReader.Result result = read(setOf(List.of(key, GOOD.toPublicJWK().toJSONString())));
    assertThat(result).isInstanceOf(JwkSetReader.Result.Usable.class);
    JwkSetReader.Result.Usable usable = (JwkSetReader.Result.Usable) result;
    assertThat(usable.keys()).hasToString("1 key (ES256 good)");
    return usable.skipped().orElse("");
  }

  private static String objection(JWK key) {
    return objection(key.toJSONString());
  }

  @Test
  void rsaEcAndOct_areKeysOfOneAlgorithmEach() {
    assertThat(keys(set(RSA, GOOD, oct("shared"))))
        .hasToString("3 keys (RS256 rsa, ES256 good, HS256 shared)");
  }

  @Test
  void algUseAndKeyOpsThatFit_areTaken() {
    JWK rsa =
        new RSAKey.Builder(RSA.toPublicJWK())
            .algorithm(JWSAlgorithm.RS256)
            .keyUse(KeyUse.SIGNATURE)
            .build();
    JWK ec =
        new ECKey.Builder(GOOD.toPublicJWK()).keyOperations(Set.of(KeyOperation.VERIFY)).build();
    assertThat(keys(set(rsa, ec)).size()).isEqualTo(2);
  }

  @Test
  void rsaOfFewerThan2048Bits_isLeftOut() {
    assertThat(objection(rsa("weak", 1024).toPublicJWK()))
        .isEqualTo("key 1 (kid weak) has 1024 bits, and an RSA key has 2048 at least");
  }

  @Test
  void rsaOfMoreThan8192Bits_isLeftOut_sinceItWouldHoldAnIoThreadUp() {
    Base64URL modulus = Base64URL.encode(BigInteger.ONE.shiftLeft(8192).setBit(0));
    assertThat(objection(new RSAKey.Builder(modulus, RSA.getPublicExponent()).build()))
        .contains("8193 bits", "8192 at most");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "2", "65536", "36893488147419103233"})
  void rsaWithABadExponent_isLeftOut(String exponent) {
    assertThat(
            objection(
                new RSAKey.Builder(RSA.getModulus(), Base64URL.encode(new BigInteger(exponent)))
                    .build()))
        .contains("public exponent");
  }

  @Test
  void curvesButP256_areLeftOut() throws Exception {
    assertThat(objection(new ECKeyGenerator(Curve.P_384).generate().toPublicJWK()))
        .isEqualTo("key 1 is not on the curve P-256");
    assertThat(objection(new ECKeyGenerator(Curve.P_521).generate().toPublicJWK()))
        .isEqualTo("key 1 is not on the curve P-256");
  }

  @Test
  void pointThatIsNotOnTheCurve_isLeftOut() {
    String y = GOOD.getY().toString();
    String moved =
        GOOD.toPublicJWK().toJSONString().replace(y, GOOD.getX().toString()).replace("good", "x");
    assertThat(objection(moved)).contains("can't be read");
  }

  @Test
  void secret_isTakenFromAFileOnly() {
    byte[] document = set(GOOD, oct("shared")).getBytes(StandardCharsets.UTF_8);
    JwkSetReader.Result.Usable ofUrl =
        (JwkSetReader.Result.Usable) new JwkSetReader(false).read(document);
    assertThat(ofUrl.keys()).hasToString("1 key (ES256 good)");
    assertThat(ofUrl.skipped())
        .contains("key 2 (kid shared) is a secret (oct), which is taken from a file only");
    assertThat(keys(set(GOOD, oct("shared"))).size()).isEqualTo(2);
  }

  @Test
  void shortSecret_isLeftOut() throws Exception {
    OctetSequenceKey weak = new OctetSequenceKeyGenerator(128).generate();
    assertThat(objection(weak))
        .isEqualTo("key 1 has 128 bits, and a secret has 256 at least")
        .doesNotContain(weak.getKeyValue().toString());
  }

  @Test
  void keyForEncryption_isLeftOut() {
    assertThat(objection(new RSAKey.Builder(RSA.toPublicJWK()).keyUse(KeyUse.ENCRYPTION).build()))
        .isEqualTo("key 1 (kid rsa) is not for signatures (use)");
    assertThat(
            objection(
                new ECKey.Builder(ec("w").toPublicJWK())
                    .keyOperations(Set.of(KeyOperation.WRAP_KEY))
                    .build()))
        .isEqualTo("key 1 (kid w) is not for verifying (key_ops)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"RS512", "PS256", "RSA-OAEP", "HS256", "none"})
  void keyForAnotherAlgorithm_isLeftOut(String alg) {
    assertThat(
            objection(new RSAKey.Builder(RSA.toPublicJWK()).algorithm(new Algorithm(alg)).build()))
        .isEqualTo("key 1 (kid rsa) is for another algorithm (alg) than RS256");
  }

  @Test
  void keyPair_isLeftOut_andNothingOfItIsTold() {
    assertThat(objection(ec("pair")))
        .isEqualTo("key 1 (kid pair) holds its private part too: give the public one alone");
    assertThat(objection(RSA)).contains("private part");
  }

  @Test
  void kindThatIsNotServed_isLeftOut() {
    // RFC 8037, appendix A.2.
    assertThat(
            objection(
                "{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
                    + "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}"))
        .isEqualTo("key 1 is of a kind that is not served");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "5",
        "null",
        "[]",
        "\"text\"",
        "{\"kty\":\"RSA\"}",
        "{\"kty\":\"XYZ\"}",
        "{\"kty\":7}",
        "{\"kty\":\"RSA\",\"n\":7,\"e\":[]}",
        "{\"kty\":\"RSA\",\"n\":\"\",\"e\":\"\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}",
        "{\"kty\":\"oct\",\"k\":\"\"}",
        "{\"kty\":\"oct\",\"k\":{}}"
      })
  void nonsense_isLeftOut(String key) {
    assertThat(objection(key)).startsWith("key 1 ");
  }

  @Test
  void secondKeyOfAName_isLeftOut() {
    assertThat(objection2(GOOD, ec("good")))
        .isEqualTo("key 2 (kid good) has the kid of a key before it");
  }

  private static String objection2(JWK first, JWK second) {
    JwkSetReader.Result.Usable usable = (JwkSetReader.Result.Usable) read(set(first, second));
    assertThat(usable.keys().size()).isEqualTo(1);
    return usable.skipped().orElse("");
  }

  @Test
  void kidThatNoLogShouldHold_isNotShown() {
    String key =
        rsa("weak", 1024).toPublicJWK().toJSONString().replace("weak", "a\\nERROR forged line");
    assertThat(objection(key)).startsWith("key 1 has 1024 bits");
    assertThat(keys(set(ec("a\nb"))).toString()).isEqualTo("1 key (ES256)");
    assertThat(keys(set(ec("x".repeat(101)))).toString()).isEqualTo("1 key (ES256)");
  }

  @Test
  void setWithoutAUsableKey_isNoGood_andSaysWhy() {
    assertThat(read(set(rsa("weak", 1024))))
        .isEqualTo(
            new JwkSetReader.Result.Unusable(
                "none of its keys can be used: key 1 (kid weak) has 1024 bits, and an RSA key has"
                    + " 2048 at least"));
    assertThat(read(setOf(List.of())))
        .isEqualTo(new JwkSetReader.Result.Unusable("it lists no key"));
  }

  @Test
  void moreThan100Keys_areNoGood() {
    List<String> many = new ArrayList<>();
    for (int i = 0; i < 101; i++) {
      many.add(ec("k" + i).toPublicJWK().toJSONString());
    }
    assertThat(read(setOf(many)))
        .isEqualTo(new JwkSetReader.Result.Unusable("it lists 101 keys, and 100 are allowed"));
    assertThat(keys(setOf(many.subList(0, 100))).size()).isEqualTo(100);
  }

  @Test
  void reasons_areBounded() {
    JwkSetReader.Result result = read(setOf(Collections.nCopies(60, "{}")));
    assertThat(((JwkSetReader.Result.Unusable) result).reason())
        .endsWith("; and 50 more")
        .hasSizeLessThan(800);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "nonsense", "[]", "5", "null", "{", "{}", "{\"keys\":{}}", "{\"keys\":null}"})
  void whatIsNoSet_isNoGood(String document) {
    assertThat(read(document)).isInstanceOf(JwkSetReader.Result.Unusable.class);
  }

  @Test
  void deepNesting_isNoGood_andHarmless() {
    String deep = "[".repeat(100_000);
    assertThat(read(deep)).isInstanceOf(JwkSetReader.Result.Unusable.class);
    assertThat(read("{\"keys\":" + deep)).isInstanceOf(JwkSetReader.Result.Unusable.class);
  }
}
