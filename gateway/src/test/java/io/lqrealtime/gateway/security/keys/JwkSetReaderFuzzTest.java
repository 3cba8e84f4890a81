package io.lqrealtime.gateway.security.keys;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.nimbusds.jose.JWSAlgorithm;
import io.lqrealtime.gateway.security.keys.JwkSetReader.Result;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Documents of whatever bytes in the place of a JWK Set: read or refused, never an exception. What
 * comes from a URL gives no secret, and what is said about keys that can't be used fits in a log.
 */
class JwkSetReaderFuzzTest {
  @FuzzTest
  @DictionaryEntries({
    "{\"keys\":[{",
    "\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"",
    "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"",
    "\"kty\":\"oct\",\"k\":\"",
    "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"",
    "\"kid\":\"",
    "\"use\":\"sig\",",
    "\"key_ops\":[\"verify\"],",
    "\"alg\":\"HS256\",",
    "\"x5c\":[\"",
    "\"x5u\":\"http://a/\",",
    "\"exp\":1e999,",
    "\"y\":\"",
    "\"d\":\"",
    "\"oth\":[{"
  })
  void read_ofAnyDocument_givesUsableKeysOrAReason(byte[] document) {
    check(new JwkSetReader(true).read(document));
    Result ofUrl = new JwkSetReader(false).read(document);
    check(ofUrl);
    if (ofUrl instanceof Result.Usable usable) {
      assertThat(usable.keys().select(JWSAlgorithm.HS256, Optional.empty())).isEmpty();
    }
  }

  private static void check(Result result) {
    switch (result) {
      case Result.Usable(KeySet keys, Optional<String> skipped) -> {
        assertThat(keys.size()).isBetween(1, JwkSetReader.MAX_KEYS);
        Stream.of(JWSAlgorithm.HS256, JWSAlgorithm.RS256, JWSAlgorithm.ES256)
            .flatMap(algorithm -> keys.select(algorithm, Optional.empty()).stream())
            .forEach(key -> assertThat(key.supportedJWSAlgorithms()).isNotEmpty());
        skipped.ifPresent(JwkSetReaderFuzzTest::checkWords);
        checkWords(keys.toString());
      }
      case Result.Unusable(String reason) -> checkWords(reason);
    }
  }

  /** One line of a log, of bounded length. */
  private static void checkWords(String words) {
    assertThat(words).matches("[ -~…]{1,3000}");
  }
}
