package io.lqrealtime.gateway.security.keys;

import static io.lqrealtime.gateway.security.SignedTokens.claims;
import static io.lqrealtime.gateway.security.SignedTokens.ec;
import static io.lqrealtime.gateway.security.SignedTokens.oct;
import static io.lqrealtime.gateway.security.SignedTokens.rsa;
import static io.lqrealtime.gateway.security.SignedTokens.set;
import static io.lqrealtime.gateway.security.SignedTokens.setOf;
import static io.lqrealtime.gateway.security.SignedTokens.sign;
import static io.lqrealtime.gateway.security.SignedTokens.token;
import static io.lqrealtime.gateway.security.SignedTokens.unnamed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import io.lqrealtime.config.ConfigurationException;
import io.lqrealtime.gateway.security.CapturedLog;
import io.lqrealtime.gateway.security.ClaimRules;
import io.lqrealtime.gateway.security.JwtTokenVerifier;
import io.lqrealtime.gateway.security.TokenVerifier.Outcome;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys of a real file, and of a real HTTP server, while they change. */
class JwksKeysTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration NEVER = Duration.ofHours(1);
  private static final Duration NOW = Duration.ZERO;
  private static final Duration SOON = Duration.ofMillis(5);

  /** Read again and again. */
  private static final RefreshPlan.Times QUICK = new RefreshPlan.Times(SOON, SOON, SOON, SOON);

  /** Read again only when a key is missed. */
  private static final RefreshPlan.Times WHEN_ASKED = new RefreshPlan.Times(NEVER, NOW, SOON, SOON);

  private static final ECKey OLD = ec("old");
  private static final ECKey NEW = ec("new");
  private static final RSAKey RSA = rsa("rsa");

  @TempDir private static Path directory;
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final List<JwksKeys> opened = new ArrayList<>();

  @AfterEach
  void close() {
    opened.forEach(JwksKeys::close);
  }

  private JwtTokenVerifier verifier(JwksLocation location, RefreshPlan.Times times)
      throws InterruptedException {
    JwksKeys keys = JwksKeys.open(location, times, Duration.ofSeconds(10), meters);
    opened.add(keys);
    return new JwtTokenVerifier(
        keys, new ClaimRules(List.of(), List.of(), Duration.ofSeconds(5)), Clock.systemUTC());
  }

  private static boolean accepts(JwtTokenVerifier verifier, String token) {
    return verifier.verify(token) instanceof Outcome.Accepted;
  }

  private static void await(String statement, BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - end).as("not in time: " + statement).isNegative();
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
    }
  }

  private double readings(String outcome) {
    return meters.get("lq.jwks.refreshes").tag("outcome", outcome).counter().count();
  }

  private static Path file(String name, String document) throws IOException {
    return Files.writeString(directory.resolve(name), document);
  }

  private static JwksLocation at(Path file) {
    return JwksLocation.parse(file.toString());
  }

  // Files.

  @Test
  void file_replacedWhileTheServiceRuns_isReadAgain() throws Exception {
    Path file = file("replaced.json", set(OLD));
    JwtTokenVerifier verifier = verifier(JwksLocation.parse(file.toUri().toString()), QUICK);
    assertThat(accepts(verifier, token(OLD))).isTrue();
    assertThat(accepts(verifier, token(NEW))).isFalse();

    Path next = file("next.json", set(NEW));
    Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    await("the new key is known", () -> accepts(verifier, token(NEW)));

    assertThat(accepts(verifier, token(OLD))).isFalse();
    assertThat(accepts(verifier, unnamed(OLD))).isFalse();
    assertThat(readings("changed")).isEqualTo(2);
  }

  @Test
  void linkThatIsTurnedToAnotherFile_isFollowedAnew() throws Exception {
    Path link = directory.resolve("link.json");
    Files.createSymbolicLink(link, file("one.json", set(OLD)));
    JwtTokenVerifier verifier = verifier(at(link), QUICK);

    Path turned = directory.resolve("turned.json");
    Files.createSymbolicLink(turned, file("two.json", set(NEW)));
    Files.move(turned, link, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);

    await("the new key is known", () -> accepts(verifier, token(NEW)));
  }

  @Test
  void fileThatDoesNotChange_changesNothing() throws Exception {
    JwtTokenVerifier verifier = verifier(at(file("same.json", set(OLD))), QUICK);
    await("it was looked at", () -> readings("unchanged") >= 3);
    assertThat(readings("changed")).isEqualTo(1);
    assertThat(meters.get("lq.jwks.keys").gauge().value()).isEqualTo(1);
    assertThat(accepts(verifier, token(OLD))).isTrue();
  }

  @Test
  void fileThatBreaks_leavesTheFormerKeys_andSaysSoOnce_untilItIsMended() throws Exception {
    Path file = file("broken.json", set(OLD));
    JwtTokenVerifier verifier = verifier(at(file), QUICK);
    try (CapturedLog log = CapturedLog.open()) {
      Files.writeString(file, "{\"keys\":[");
      await("it fails", () -> readings("failed") >= 5);
      assertThat(accepts(verifier, token(OLD))).isTrue();
      assertThat(log.linesWith("WARN"))
          .containsExactly(
              "WARN The keys of "
                  + file
                  + " (LQ_AUTH_JWKS) can't be read again, and the former ones stay in use: it is no"
                  + " JSON object");

      Files.delete(file);
      await("that is noticed", () -> log.linesWith("WARN").size() == 2);
      assertThat(log.linesWith("WARN").get(1)).endsWith("there is no such file");
      assertThat(accepts(verifier, token(OLD))).isTrue();

      Files.writeString(file, set(OLD, NEW));
      await("it is mended", () -> accepts(verifier, token(NEW)));
      assertThat(log.linesWith("INFO").getLast())
          .isEqualTo(
              "INFO Tokens are verified with 2 keys (ES256 old, ES256 new) of "
                  + file
                  + " (LQ_AUTH_JWKS)");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "{\"keys\":[]}", "not json"})
  void fileWithoutAKey_stopsTheStart(String document) throws Exception {
    Path file = file("unusable.json", document);
    assertThatThrownBy(() -> verifier(at(file), QUICK))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("LQ_AUTH_JWKS: no keys can be had of the file " + file + ": it ");
  }

  @Test
  void fileThatIsNotThereOrNoFileOrTooLarge_stopsTheStart() throws Exception {
    assertThatThrownBy(() -> verifier(at(directory.resolve("missing")), QUICK))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageEndingWith("missing: there is no such file");
    assertThatThrownBy(() -> verifier(at(directory), QUICK))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageEndingWith("it is no regular file");
    Path large = file("large.json", set(OLD) + " ".repeat(JwksSource.MAX_BYTES));
    assertThatThrownBy(() -> verifier(at(large), QUICK))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageEndingWith("it has more than 262144 bytes");
  }

  @Test
  void keyThatCantBeUsed_isLeftOutWithAWarning() throws Exception {
    try (CapturedLog log = CapturedLog.open()) {
      JwtTokenVerifier verifier =
          verifier(at(file("weak.json", set(rsa("weak", 1024), OLD))), QUICK);
      assertThat(accepts(verifier, token(OLD))).isTrue();
      assertThat(log.linesWith("WARN"))
          .singleElement()
          .asString()
          .endsWith("not used: key 1 (kid weak) has 1024 bits, and an RSA key has 2048 at least");
    }
  }

  @Test
  void secretInAFile_verifiesHs256() throws Exception {
    OctetSequenceKey secret = oct("shared");
    JwtTokenVerifier verifier = verifier(at(file("oct.json", set(OLD, secret))), QUICK);
    assertThat(accepts(verifier, token(secret))).isTrue();
    assertThat(accepts(verifier, token(oct("shared")))).isFalse();
  }

  // URLs.

  @Test
  void url_isFetchedAtItsInterval() throws Exception {
    try (KeyServer server = KeyServer.of(set(OLD))) {
      JwtTokenVerifier verifier = verifier(server.location(), QUICK);
      assertThat(accepts(verifier, token(OLD))).isTrue();
      server.serve(set(NEW, RSA));
      await("the new keys are known", () -> accepts(verifier, token(NEW)));
      assertThat(accepts(verifier, token(RSA))).isTrue();
      assertThat(accepts(verifier, token(OLD))).isFalse();
    }
  }

  @Test
  void unknownKid_hasTheUrlFetchedSooner() throws Exception {
    try (KeyServer server = KeyServer.of(set(OLD))) {
      JwtTokenVerifier verifier = verifier(server.location(), WHEN_ASKED);
      server.serve(set(OLD, NEW));
      assertThat(accepts(verifier, token(OLD))).isTrue();
      assertThat(server.requests()).isEqualTo(1);

      assertThat(accepts(verifier, token(NEW))).as("verification does not wait").isFalse();
      await("it was fetched", () -> server.requests() > 1);
      await("the new key is known", () -> accepts(verifier, token(NEW)));
    }
  }

  @Test
  void floodOfUnknownKids_causesNoFloodOfCalls() throws Exception {
    Duration gap = Duration.ofMillis(100);
    try (KeyServer server = KeyServer.of(set(OLD))) {
      long started = System.nanoTime();
      JwtTokenVerifier verifier =
          verifier(server.location(), new RefreshPlan.Times(NEVER, gap, SOON, SOON));
      String flood = token(NEW);
      await(
          "some were fetched",
          () -> {
            for (int i = 0; i < 1000; i++) {
              assertThat(accepts(verifier, flood)).isFalse();
            }
            return server.requests() >= 4;
          });
      int requests = server.requests();
      long gaps = (System.nanoTime() - started) / gap.toNanos();
      assertThat(requests).isLessThanOrEqualTo((int) gaps + 1);
    }
  }

  @Test
  void whateverElseIsRefused_causesNoCall() throws Exception {
    try (KeyServer server = KeyServer.of(set(OLD))) {
      JwtTokenVerifier verifier = verifier(server.location(), WHEN_ASKED);
      assertThat(accepts(verifier, unnamed(NEW))).isFalse();
      assertThat(accepts(verifier, token(NEW, "old"))).isFalse();
      assertThat(accepts(verifier, token(oct("stranger")))).isFalse();
      JWSHeader rs512 = new JWSHeader.Builder(JWSAlgorithm.RS512).keyID("stranger").build();
      assertThat(accepts(verifier, sign(RSA, rs512, claims().build()))).isFalse();
      // Something that does cause one, so that the others' would have come before.
      assertThat(accepts(verifier, token(NEW))).isFalse();
      await("it was fetched", () -> readings("unchanged") == 1);
      assertThat(server.requests()).isEqualTo(2);
    }
  }

  @Test
  void verification_goesOnWhileAFetchHangs_andCloseDoesNotWaitForIt() throws Exception {
    try (KeyServer server = KeyServer.of(set(OLD))) {
      JwtTokenVerifier verifier = verifier(server.location(), WHEN_ASKED);
      server.stall();
      assertThat(accepts(verifier, token(NEW))).isFalse();
      await("the fetch hangs", () -> server.requests() == 2);
      for (int i = 0; i < 100; i++) {
        assertThat(accepts(verifier, token(OLD))).isTrue();
        assertThat(accepts(verifier, token(NEW))).isFalse();
      }
      assertThat(server.requests()).isEqualTo(2);

      assertThat(refreshers()).singleElement().matches(Thread::isDaemon);
      opened.getFirst().close();
      assertThat(refreshers()).isEmpty();
    }
  }

  private static List<Thread> refreshers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("lq-gateway-keys") && thread.isAlive())
        .toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {204, 301, 304, 401, 404, 500, 503})
  void answerThatIsNot200_leavesTheFormerKeys(int status) throws Exception {
    try (KeyServer server = KeyServer.of(set(OLD));
        KeyServer elsewhere = KeyServer.of(set(NEW));
        CapturedLog log = CapturedLog.open()) {
      JwtTokenVerifier verifier = verifier(server.location(), QUICK);
      server.answer(status, Map.of("Location", elsewhere.uri("/keys").toString()));
      await("it fails", () -> readings("failed") >= 3);
      assertThat(accepts(verifier, token(OLD))).isTrue();
      assertThat(accepts(verifier, token(NEW))).isFalse();
      assertThat(elsewhere.requests()).as("redirects are not followed").isZero();
      assertThat(log.linesWith("WARN"))
          .singleElement()
          .asString()
          .endsWith("stay in use: it answers with HTTP " + status);

      server.serve(set(OLD, NEW));
      await("it is mended", () -> accepts(verifier, token(NEW)));
    }
  }

  @Test
  void documentThatIsTooLargeOrNoSet_leavesTheFormerKeys() throws Exception {
    try (KeyServer server = KeyServer.of(set(OLD));
        CapturedLog log = CapturedLog.open()) {
      JwtTokenVerifier verifier = verifier(server.location(), QUICK);
      server.serve(set(NEW) + " ".repeat(JwksSource.MAX_BYTES));
      await("it is too large", () -> !log.linesWith("it has more than 262144 bytes").isEmpty());
      server.serve("<html>sign in</html>");
      await("it is no set", () -> !log.linesWith("it is no JSON object").isEmpty());
      server.serve(set(oct("secret")));
      await("it has no key", () -> !log.linesWith("none of its keys can be used").isEmpty());
      assertThat(accepts(verifier, token(OLD))).isTrue();
      assertThat(accepts(verifier, token(NEW))).isFalse();
    }
  }

  @Test
  void serverThatIsGone_leavesTheFormerKeys() throws Exception {
    KeyServer server = KeyServer.of(set(OLD));
    JwtTokenVerifier verifier = verifier(server.location(), QUICK);
    server.close();
    await("it fails", () -> readings("failed") >= 2);
    assertThat(accepts(verifier, token(OLD))).isTrue();
  }

  @Test
  void bodyThatTrickles_isGivenUp() throws Exception {
    try (KeyServer server = KeyServer.of("")) {
      server.stall();
      assertThatThrownBy(() -> new JwksUrl(server.uri("/")).read(Duration.ofMillis(200)))
          .isInstanceOf(IOException.class)
          .hasMessage("it did not answer in full within 200 ms");
    }
  }

  @Test
  void startWithAUrl_waitsForIt() throws Exception {
    try (KeyServer server = KeyServer.of("")) {
      server.answer(503, Map.of());
      Thread mending =
          Thread.ofVirtual()
              .start(
                  () -> {
                    await("it was asked", () -> server.requests() > 0);
                    server.serve(set(OLD));
                  });
      JwtTokenVerifier verifier = verifier(server.location(), QUICK);
      mending.join();
      assertThat(accepts(verifier, token(OLD))).isTrue();
    }
  }

  @Test
  void startWithAUrlThatGivesNoKeys_failsAfterItsTime_andNamesTheKey() throws Exception {
    try (KeyServer server = KeyServer.of("{}")) {
      URI uri = server.uri("/keys?key=secret");
      assertThatThrownBy(
              () ->
                  JwksKeys.open(
                      JwksLocation.parse(uri.toString()), QUICK, Duration.ofSeconds(1), meters))
          .isInstanceOf(IllegalStateException.class)
          // On a busy machine the last of the attempts may have failed for want of time.
          .hasMessageStartingWith(
              "LQ_AUTH_JWKS: no keys came from " + server.uri("/keys") + " within 1 s: ")
          .hasMessageNotContaining("secret");
      assertThat(refreshers()).isEmpty();
    }
    // For one attempt that may take its time, and no other.
    assertThatThrownBy(
            () ->
                JwksKeys.open(
                    JwksLocation.parse("http://127.0.0.1:1/"),
                    QUICK,
                    Duration.ofMillis(500),
                    meters))
        .hasMessageEndingWith("it can't be connected to");
  }

  // Headers that say where keys are, or what they are.

  @Test
  void tokensWithKeysOfTheirOwn_areRefused_andNothingIsFetchedForThem() throws Exception {
    ECKey attacker = ec("attacker");
    try (KeyServer server = KeyServer.of(set(OLD));
        KeyServer trap = KeyServer.of(set(attacker))) {
      JwtTokenVerifier verifier = verifier(server.location(), WHEN_ASKED);
      for (String kid : List.of("old", "attacker", trap.uri("/kid").toString())) {
        JWSHeader header =
            new JWSHeader.Builder(JWSAlgorithm.ES256)
                .keyID(kid)
                .jwkURL(trap.uri("/jku"))
                .x509CertURL(trap.uri("/x5u"))
                .jwk(attacker.toPublicJWK())
                .x509CertChain(List.of(com.nimbusds.jose.util.Base64.encode("no certificate")))
                .build();
        assertThat(accepts(verifier, sign(attacker, header, claims().build()))).as(kid).isFalse();
      }
      JWSHeader unnamed =
          new JWSHeader.Builder(JWSAlgorithm.ES256)
              .jwkURL(trap.uri("/jku"))
              .jwk(attacker.toPublicJWK())
              .build();
      assertThat(accepts(verifier, sign(attacker, unnamed, claims().build()))).isFalse();
      JWSHeader signedByOurs =
          new JWSHeader.Builder(JWSAlgorithm.ES256)
              .keyID("old")
              .jwkURL(trap.uri("/jku"))
              .x509CertURL(trap.uri("/x5u"))
              .jwk(attacker.toPublicJWK())
              .build();
      assertThat(accepts(verifier, sign(OLD, signedByOurs, claims().build()))).isFalse();
      // A kid that is not known has the configured URL fetched, and nothing else.
      JWSHeader unknown = new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("attacker").build();
      assertThat(accepts(verifier, sign(attacker, unknown, claims().build()))).isFalse();
      await("it was fetched", () -> readings("unchanged") > 0);
      assertThat(trap.requests()).isZero();
    }
  }

  // Secrecy.

  @Test
  void noTokenAndNoKey_isInALogOrAMetric() throws Exception {
    OctetSequenceKey secret = oct("shared");
    ECKey pair = ec("pair");
    List<String> tokens = new ArrayList<>();
    try (CapturedLog log = CapturedLog.open()) {
      Path file =
          file(
              "secrecy.json",
              setOf(
                  List.of(
                      OLD.toPublicJWK().toJSONString(),
                      secret.toJSONString(),
                      pair.toJSONString(),
                      oct("broken").toJSONString().replace("\"k\"", "\"z\""))));
      JwtTokenVerifier verifier = verifier(at(file), QUICK);
      for (String token :
          List.of(
              token(OLD),
              token(secret),
              token(NEW),
              token(NEW, "old"),
              token(NEW, "a\r\nkid"),
              unnamed(NEW),
              token(OLD) + "x",
              "x" + token(OLD))) {
        tokens.add(token);
        if (verifier.verify(token) instanceof Outcome.Refused(String message)) {
          assertThat(message).doesNotContain(token);
        }
      }
      for (String broken :
          List.of("{" + set(secret), set(secret).replace("keys", "kees"), set(pair) + "}")) {
        double failed = readings("failed");
        Files.writeString(file, broken);
        await("it fails", () -> readings("failed") > failed);
      }
      Files.writeString(file, set(secret, NEW));
      await("it is mended", () -> accepts(verifier, token(NEW)));

      List<String> told = new ArrayList<>(log.lines());
      assertThat(told).isNotEmpty();
      meters.getMeters().stream().map(Meter::getId).forEach(id -> told.add(id.toString()));
      for (String line : told) {
        assertThat(line)
            .doesNotContain(secret.getKeyValue().toString())
            .doesNotContain(pair.getD().toString())
            .doesNotContain(pair.getX().toString())
            .doesNotContain(OLD.getX().toString())
            .doesNotContain("eyJ");
        tokens.forEach(token -> assertThat(line).doesNotContain(token));
      }
    }
  }
}
