package io.lqrealtime.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.nimbusds.jwt.JWTClaimsSet;
import io.lqrealtime.gateway.security.TokenVerifier.Outcome;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("JavaUtilDate") // The library's claims take nothing else.
class TokenClaimsTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Outcome EXPIRED = new Outcome.Refused("the token has expired");
  private static final Outcome TOO_EARLY = new Outcome.Refused("the token is not valid yet");
  private static final Outcome ISSUER =
      new Outcome.Refused("the claim iss is missing or no issuer that is accepted here");
  private static final Outcome AUDIENCE =
      new Outcome.Refused("the claim aud is missing or does not name this service");

  private static Outcome judge(ClaimRules rules, JWTClaimsSet.Builder claims)
      throws ParseException {
    return new TokenClaims(rules, Clock.fixed(NOW, ZoneOffset.UTC))
        .judge(claims.build().toJSONObject());
  }

  private static JWTClaimsSet.Builder claims() {
    return SignedTokens.claims(NOW);
  }

  private static void assertAccepted(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Accepted.class);
  }

  private static ClaimRules skew(long seconds) {
    return new ClaimRules(List.of(), List.of(), Duration.ofSeconds(seconds));
  }

  private static Outcome expiring(long skew, long secondsAgo) throws ParseException {
    return judge(skew(skew), claims().expirationTime(Date.from(NOW.minusSeconds(secondsAgo))));
  }

  private static Outcome beginning(long skew, long secondsAhead) throws ParseException {
    return judge(skew(skew), claims().notBeforeTime(Date.from(NOW.plusSeconds(secondsAhead))));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 5, 60})
  void tokenThatIsIssuedLater_isRefused_forItWouldOutliveRevocations(long skew) throws Exception {
    assertAccepted(issued(skew, skew));
    assertThat(issued(skew, skew + 1))
        .isEqualTo(new Outcome.Refused("the token says that it will be issued later"));
  }

  @Test
  void patternsBeyondTheirBounds_areRefused_andTheRefusalNamesThese() throws Exception {
    assertAccepted(publishing(Collections.nCopies(100, "x".repeat(200))));

    assertThat(
            List.of(
                publishing(Collections.nCopies(101, "x")),
                publishing(List.of("x".repeat(201))),
                publishing(List.of("")),
                publishing("room.*")))
        .containsOnly(
            new Outcome.Refused(
                "the claim can is to be an object of lists of at most 100 channel patterns of 1 to"
                    + " 200 characters"));
  }

  private static Outcome publishing(Object patterns) throws ParseException {
    return judge(skew(0), claims().claim("can", Map.of("publish", patterns)));
  }

  private static Outcome issued(long skew, long secondsAhead) throws ParseException {
    return judge(skew(skew), claims().issueTime(Date.from(NOW.plusSeconds(secondsAhead))));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 5, 60})
  void expAndNbf_areJudgedWithTheGraceThatIsSet(long skew) throws Exception {
    assertAccepted(expiring(skew, skew - 1));
    assertThat(expiring(skew, skew)).isEqualTo(EXPIRED);
    assertThat(expiring(skew, skew + 1)).isEqualTo(EXPIRED);
    assertAccepted(beginning(skew, skew));
    assertThat(beginning(skew, skew + 1)).isEqualTo(TOO_EARLY);
  }

  @Test
  void grace_doesNotMakeATokenEndLater() throws Exception {
    Outcome.Accepted accepted = (Outcome.Accepted) expiring(60, 30);
    assertThat(accepted.principal().expiresAt()).isEqualTo(NOW.getEpochSecond() - 30);
  }

  @Test
  void timesFarAway_areNoTrouble() throws Exception {
    assertAccepted(judge(skew(60), claims().expirationTime(new Date(Long.MAX_VALUE))));
    assertThat(judge(skew(60), claims().expirationTime(new Date(Long.MIN_VALUE))))
        .isEqualTo(EXPIRED);
    assertThat(judge(skew(60), claims().notBeforeTime(new Date(Long.MAX_VALUE))))
        .isEqualTo(TOO_EARLY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"exp", "nbf", "iat"})
  void timesThatMillisecondsDontReach_areRefused(String name) throws Exception {
    for (Number seconds : List.of(18_446_744_073_709_551L, Long.MAX_VALUE, Long.MIN_VALUE, 1e300)) {
      Map<String, Object> claims = new HashMap<>(claims().build().toJSONObject());
      claims.put(name, seconds);
      assertThat(new TokenClaims(skew(60), Clock.fixed(NOW, ZoneOffset.UTC)).judge(claims))
          .as("%s", seconds)
          .isEqualTo(new Outcome.Refused("the claim " + name + " is no time"));
    }
  }

  @Test
  void userThatIsANumber_isRefused() throws Exception {
    Map<String, Object> claims = new HashMap<>(claims().build().toJSONObject());
    claims.put("sub", 5);
    assertThat(new TokenClaims(skew(60), Clock.fixed(NOW, ZoneOffset.UTC)).judge(claims))
        .isEqualTo(new Outcome.Refused("the claim sub is missing or no user's id"));
  }

  @Test
  void issuer_isCheckedIfItIsSet() throws Exception {
    ClaimRules rules =
        new ClaimRules(List.of("https://id.example.com", "other"), List.of(), Duration.ZERO);
    assertAccepted(judge(rules, claims().issuer("https://id.example.com")));
    assertAccepted(judge(rules, claims().issuer("other")));
    assertThat(judge(rules, claims().issuer("https://id.example.com/"))).isEqualTo(ISSUER);
    assertThat(judge(rules, claims().issuer("OTHER"))).isEqualTo(ISSUER);
    assertThat(judge(rules, claims())).isEqualTo(ISSUER);
    assertThatExceptionOfType(ParseException.class)
        .isThrownBy(() -> judge(rules, claims().claim("iss", List.of("other"))));

    assertAccepted(judge(skew(0), claims().issuer("anybody")));
  }

  @Test
  void audience_isCheckedIfItIsSet() throws Exception {
    ClaimRules rules = new ClaimRules(List.of(), List.of("lq", "realtime"), Duration.ZERO);
    assertAccepted(judge(rules, claims().audience("lq")));
    assertAccepted(judge(rules, claims().audience(List.of("billing", "realtime"))));
    assertThat(judge(rules, claims().audience("billing"))).isEqualTo(AUDIENCE);
    assertThat(judge(rules, claims().audience(List.of()))).isEqualTo(AUDIENCE);
    assertThat(judge(rules, claims())).isEqualTo(AUDIENCE);
    assertThat(judge(rules, claims().claim("aud", 5))).isEqualTo(AUDIENCE);

    assertAccepted(judge(skew(0), claims().audience("anything")));
  }

  @Test
  void serviceOfABackend_isAUserLikeAnyOther() throws Exception {
    Outcome.Accepted accepted =
        (Outcome.Accepted) judge(skew(0), claims().subject("service:billing"));
    assertThat(accepted.principal().user().value()).isEqualTo("service:billing");
  }
}
