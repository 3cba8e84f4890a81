package io.lqrealtime.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.gateway.security.Permissions.Action;
import io.lqrealtime.id.Channel;
import io.lqrealtime.id.UserId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PermissionsTest {
  private static final UserId ALICE = new UserId("alice");

  @ParameterizedTest
  @CsvSource({
    "room.1, SUBSCRIBE, true",
    "room.1, PUBLISH, true",
    "user:alice, SUBSCRIBE, true",
    "user:bob, SUBSCRIBE, false",
    "user:alice2, SUBSCRIBE, false",
    "user:bob, PRESENCE, false",
    "user:bob, HISTORY, false",
    "user:alice, PUBLISH, false",
    "tenant:news, SUBSCRIBE, true",
    "tenant:news, PUBLISH, false"
  })
  void withoutCan(String channel, Action action, boolean allowed) {
    assertThat(Permissions.ofUser(ALICE).allows(action, new Channel(channel))).isEqualTo(allowed);
  }

  @Test
  void presenceOfAUser_isAllowedAsPresenceInItsInboxIs() {
    UserId ada = new UserId("Ada 🦆");
    assertThat(Permissions.ofUser(ada).allowsPresenceOf(ada)).isTrue();
    assertThat(Permissions.ofUser(ada).allowsPresenceOf(ALICE)).isFalse();
    Permissions some =
        Permissions.granted(
            ALICE, Map.of(Action.PRESENCE, List.of(new ChannelPattern("user:Ada*"))));
    assertThat(some.allowsPresenceOf(ada)).isTrue();
    assertThat(some.allowsPresenceOf(ALICE)).isFalse();
  }

  @Test
  void withCan_onlyWhatItLists() {
    Permissions permissions =
        Permissions.granted(ALICE, Map.of(Action.SUBSCRIBE, List.of(new ChannelPattern("room.*"))));

    assertThat(permissions.allows(Action.SUBSCRIBE, new Channel("room.1"))).isTrue();
    assertThat(permissions.allows(Action.SUBSCRIBE, new Channel("user:alice"))).isFalse();
    assertThat(permissions.allows(Action.PUBLISH, new Channel("room.1"))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "room.*, room., true",
    "room.*, room.1.2, true",
    "room.*, rooms, false",
    "*, anything, true",
    "a*b*c, abc, true",
    "a*b*c, aXbYc, true",
    "a*b*c, acb, false",
    "a*a, a, false",
    "a*a, aa, true",
    "*ab*ab*, ab, false",
    "*ab*ab*, abab, true",
    "a*b*b, ab, false",
    "a*b*b, abb, true",
    "a*bc*c, abc, false",
    "exact, exact, true",
    "exact, exactly, false"
  })
  void pattern(String pattern, String name, boolean matches) {
    assertThat(new ChannelPattern(pattern).matches(name)).isEqualTo(matches);
  }

  @Test
  @Timeout(60)
  void patternOfManyStars_takesNoMoreThanAMoment() {
    ChannelPattern pattern = new ChannelPattern("*a".repeat(99) + "*b");
    String name = "a".repeat(200);
    long start = System.nanoTime();

    assertThat(pattern.matches(name)).isFalse();

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
  }

  /** Of any length and of any characters: each counts by itself, and not what stands beside it. */
  @Test
  void manyPatterns_areToldApart() {
    List<ChannelPattern> many =
        IntStream.range(0, Permissions.MAX_PATTERNS)
            .mapToObj(
                i ->
                    new ChannelPattern(
                        ("r" + i + (i % 2 == 0 ? "\u20ac\n" : "x").repeat(98)).substring(0, 1 + i)))
            .toList();
    Permissions permissions =
        Permissions.granted(
            ALICE, Map.of(Action.PUBLISH, many, Action.HISTORY, many.subList(0, 1)));

    for (ChannelPattern pattern : many) {
      assertThat(permissions.allowsNamed(Action.PUBLISH, pattern.text())).isTrue();
      assertThat(permissions.allowsNamed(Action.PUBLISH, pattern.text() + "-")).isFalse();
      assertThat(permissions.allowsNamed(Action.SUBSCRIBE, pattern.text())).isFalse();
    }
    assertThat(permissions.allowsNamed(Action.HISTORY, "r")).isTrue();
    assertThat(permissions.allowsNamed(Action.HISTORY, many.get(1).text())).isFalse();
  }
}
