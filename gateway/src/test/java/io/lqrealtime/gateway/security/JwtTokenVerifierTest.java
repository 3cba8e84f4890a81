package io.lqrealtime.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import io.lqrealtime.gateway.security.Permissions.Action;
import io.lqrealtime.gateway.security.TokenVerifier.Outcome;
import io.lqrealtime.id.Channel;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("JavaUtilDate") // The library that signs takes nothing else.
class JwtTokenVerifierTest {
  private static final byte[] SECRET =
      "a secret of thirty-two bytes....".getBytes(StandardCharsets.UTF_8);
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final JwtTokenVerifier verifier =
      new JwtTokenVerifier(
          JwtTokenVerifierTest::shared,
          new ClaimRules(List.of(), List.of(), Duration.ofSeconds(5)),
          Clock.fixed(NOW, ZoneOffset.UTC));

  private static List<JWSVerifier> shared(JWSAlgorithm algorithm, Optional<String> keyId) {
    try {
      return algorithm.equals(JWSAlgorithm.HS256) ? List.of(new MACVerifier(SECRET)) : List.of();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void goodToken_isAccepted() throws Exception {
    Outcome outcome = verifier.verify(sign(claims().build()));

    assertThat(outcome).isInstanceOf(Outcome.Accepted.class);
    Principal principal = ((Outcome.Accepted) outcome).principal();
    assertThat(principal.tenant().value()).isEqualTo("acme");
    assertThat(principal.user().value()).isEqualTo("alice");
    assertThat(principal.expiresAt()).isEqualTo(NOW.getEpochSecond() + 60);
  }

  @Test
  void whiteSpaceAround_isPassedOver_andNothingElse() throws Exception {
    String token = sign(claims().build());

    assertThat(verifier.verify(" \t" + token + " \r\n")).isInstanceOf(Outcome.Accepted.class);
    for (String foreign : List.of("\0", "\u000b", "\u001f", "\u007f", "\u2028")) {
      assertRefused(foreign + token);
      assertRefused(token + foreign);
    }
    assertRefused("\u00a0" + token);
    assertRefused(" ".repeat(TokenVerifier.MAX_TOKEN_LENGTH));
    assertRefused("x" + " ".repeat(TokenVerifier.MAX_TOKEN_LENGTH - 2) + "x");
    assertRefused(token.replaceFirst("\\.", "\0."));
  }

  /** The library would pass over them. */
  @ParameterizedTest
  @ValueSource(strings = {"=", "+", "/", " ", "\n", "\u00e9", "*"})
  void whatIsNotOfBase64Url_isRefused_whereverItStands(String foreign) throws Exception {
    String token = sign(claims().build());
    for (int at : new int[] {5, token.indexOf('.'), token.lastIndexOf('.'), token.length() - 3}) {
      assertRefused(token.substring(0, at) + foreign + token.substring(at));
    }
    if (!foreign.isBlank()) {
      assertRefused(token + foreign);
    }
  }

  @Test
  void can_isRead() throws Exception {
    Outcome outcome =
        verifier.verify(sign(claims().claim("can", Map.of("publish", List.of("room.*"))).build()));

    Permissions permissions = ((Outcome.Accepted) outcome).principal().permissions();
    assertThat(permissions.allows(Action.PUBLISH, new Channel("room.1"))).isTrue();
    assertThat(permissions.allows(Action.SUBSCRIBE, new Channel("room.1"))).isFalse();
  }

  @Test
  void canThatIsNull_isRefusedRatherThanUnlimited() throws Exception {
    String header = part("{\"alg\":\"HS256\"}");
    String claims =
        part(
            "{\"tenant\":\"acme\",\"sub\":\"alice\",\"can\":null,\"exp\":"
                + (NOW.getEpochSecond() + 60)
                + "}");
    assertRefused(signText(header + '.' + claims));
  }

  @Test
  void extensionThatIsCriticalAndNotKnown_isRefusedAndNamed() throws Exception {
    String header = part("{\"alg\":\"HS256\",\"crit\":[\"exp\"],\"exp\":1}");
    String claims = part(claims().build().toString());

    assertThat(verifier.verify(signText(header + '.' + claims)))
        .isEqualTo(new Outcome.Refused("the token asks for extensions (crit) that are not known"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"crit", "jku", "jwk", "x5u", "x5c"})
  void headerThatIsNotToBeThere_isRefused_whateverItsValue(String name) throws Exception {
    String claims = part(claims().build().toString());
    for (String value : List.of("null", "[]", "{}", "\"\"", "\"x\"", "[\"AAAA\"]", "7")) {
      String header = part("{\"alg\":\"HS256\",\"" + name + "\":" + value + "}");
      assertThat(verifier.verify(signText(header + '.' + claims)))
          .as(value)
          .isInstanceOf(Outcome.Refused.class);
    }
    String other = part("{\"alg\":\"HS256\",\"" + name + "2\":null}");
    assertThat(verifier.verify(signText(other + '.' + claims)))
        .isInstanceOf(Outcome.Accepted.class);
  }

  @Test
  void claimsThatAreMissingOrWrong_areRefused() throws Exception {
    assertRefused(sign(claims().claim("tenant", null).build()));
    assertRefused(sign(claims().claim("tenant", "a b").build()));
    assertRefused(sign(claims().claim("tenant", 5).build()));
    assertRefused(sign(claims().subject(null).build()));
    assertRefused(sign(claims().expirationTime(null).build()));
    assertRefused(sign(claims().expirationTime(Date.from(NOW.minusSeconds(6))).build()));
    assertRefused(sign(claims().notBeforeTime(Date.from(NOW.plusSeconds(6))).build()));
    assertRefused(sign(claims().claim("can", List.of("room.*")).build()));
    assertRefused(sign(claims().claim("can", Map.of("publish", "room.*")).build()));
    assertRefused(sign(claims().claim("can", Map.of("publish", List.of(1))).build()));
  }

  @Test
  void clocksMayDifferByFiveSeconds() throws Exception {
    assertThat(
            verifier.verify(sign(claims().expirationTime(Date.from(NOW.minusSeconds(4))).build())))
        .isInstanceOf(Outcome.Accepted.class);
  }

  @Test
  void unsignedToken_isRefused() {
    assertRefused(new PlainJWT(claims().build()).serialize());
  }

  @Test
  void tokenOfAnotherSecretOrAlgorithm_isRefused() throws Exception {
    SignedJWT other = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims().build());
    other.sign(new MACSigner("another secret of 32 bytes......".getBytes(StandardCharsets.UTF_8)));
    assertRefused(other.serialize());

    SignedJWT hs512 = new SignedJWT(new JWSHeader(JWSAlgorithm.HS512), claims().build());
    hs512.sign(new MACSigner("a".repeat(64).getBytes(StandardCharsets.UTF_8)));
    assertRefused(hs512.serialize());
  }

  @Test
  void changedClaims_areRefused() throws Exception {
    String[] parts = sign(claims().build()).split("\\.");
    String forged =
        part(
            "{\"tenant\":\"other\",\"sub\":\"alice\",\"exp\":" + (NOW.getEpochSecond() + 60) + "}");
    assertRefused(parts[0] + '.' + forged + '.' + parts[2]);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "a.b.c", "e30.e30.", "eyJ", "\u0000", "....", "a"})
  void nonsense_isRefused(String token) {
    assertRefused(token);
  }

  @Test
  void headerOrClaimsThatAreNull_areRefused() throws Exception {
    assertRefused(part("null") + ".e30.AA");
    assertRefused(signText(part("null") + '.' + part(claims().build().toString())));
    assertRefused(signText(part("{\"alg\":\"HS256\"}") + '.' + part("null")));
  }

  @Test
  void longToken_isRefusedUnread() {
    assertRefused("a".repeat(1 << 20));
  }

  @Test
  void refusal_holdsNothingOfTheToken() throws Exception {
    String token = sign(claims().claim("tenant", "not a tenant").build());
    Outcome.Refused refused = (Outcome.Refused) verifier.verify(token);
    assertThat(refused.message()).doesNotContain("not a tenant").doesNotContain(token);
  }

  @Test
  void deeplyNestedToken_isRefused() throws Exception {
    String deep = "[".repeat(2500) + "]".repeat(2500);
    assertRefused(signText(part("{\"alg\":\"HS256\"}") + '.' + part("{\"can\":" + deep + "}")));
    assertRefused(part("{\"alg\":\"HS256\",\"x\":" + deep + "}") + ".e30.AA");
  }

  private void assertRefused(String token) {
    assertThat(verifier.verify(token)).isInstanceOf(Outcome.Refused.class);
  }

  private static JWTClaimsSet.Builder claims() {
    return new JWTClaimsSet.Builder()
        .claim("tenant", "acme")
        .subject("alice")
        .expirationTime(Date.from(NOW.plusSeconds(60)));
  }

  private static String sign(JWTClaimsSet claims) throws Exception {
    SignedJWT jwt = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims);
    jwt.sign(new MACSigner(SECRET));
    return jwt.serialize();
  }

  private static String signText(String signed) throws Exception {
    return signed
        + '.'
        + new MACSigner(SECRET)
            .sign(new JWSHeader(JWSAlgorithm.HS256), signed.getBytes(StandardCharsets.UTF_8));
  }

  private static String part(String json) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }
}
