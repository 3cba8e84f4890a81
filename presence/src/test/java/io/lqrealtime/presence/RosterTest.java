package io.lqrealtime.presence;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.id.GatewayId;
import io.lqrealtime.presence.GatewayLeases.Observation;
import io.lqrealtime.presence.Roster.Sighting;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class RosterTest {
  private static final Duration LEASE = Duration.ofSeconds(9);
  private static final Duration OLD = Duration.ofDays(1);
  private final Roster roster = new Roster(LEASE);
  private Duration now = Duration.ofSeconds(1_000);

  /** Those who hold leases; with a question mark, one whose view is not whole. */
  private Optional<String> see(String epoch, Duration age, String... gateways) {
    Map<GatewayId, Long> generations = new HashMap<>();
    for (String gateway : gateways) {
      generations.put(new GatewayId(gateway.replace("?", "")), 1L);
    }
    Set<GatewayId> whole =
        List.of(gateways).stream()
            .filter(gateway -> !gateway.endsWith("?"))
            .map(GatewayId::new)
            .collect(Collectors.toSet());
    return roster.doubt(
        new Sighting(new Observation(epoch, generations), age, whole), now.toNanos());
  }

  private void after(Duration time) {
    now = now.plus(time);
  }

  @Test
  void oldStoreWithWholeViews_isTrustedAtOnce() {
    assertThat(see("e1", OLD, "a", "b")).isEmpty();
  }

  @Test
  void youngStore_isDoubtedByWhoHasSeenNothingBefore_forAMoment() {
    assertThat(see("e1", Duration.ofMillis(500), "a")).isPresent();
    after(Duration.ofMillis(1_400));
    assertThat(see("e1", Duration.ofMillis(1_900), "a")).isPresent();
    after(Duration.ofMillis(200));
    assertThat(see("e1", Duration.ofMillis(2_100), "a")).isEmpty();
  }

  @Test
  void aClockThatRanBack_delaysTrustByNoMoreThanThat() {
    assertThat(see("e1", Duration.ofHours(-1), "a")).isPresent();
    after(Roster.NEWCOMER);
    assertThat(see("e1", Duration.ofHours(-1), "a")).isEmpty();
  }

  @Test
  void leaseWithoutAWholeView_isDoubted_howeverLongItLasts() {
    assertThat(see("e1", OLD, "a", "b?").orElseThrow()).contains("b").doesNotContain("a,");
    for (int n = 0; n < 10; n++) {
      after(LEASE.dividedBy(3));
      assertThat(see("e1", OLD, "a", "b?")).isPresent();
    }
    assertThat(see("e1", OLD, "a", "b")).isEmpty();
  }

  @Test
  void anotherEpoch_isDoubtedUntilAllWhoWereThereAreWhole() {
    see("e1", OLD, "a", "b");
    after(Duration.ofSeconds(1));
    assertThat(see("e2", Duration.ZERO)).isPresent();
    assertThat(see("e2", Duration.ZERO, "a?")).isPresent();
    assertThat(see("e2", Duration.ZERO, "a")).isPresent();
    assertThat(see("e2", Duration.ZERO, "a", "b?")).isPresent();
    assertThat(see("e2", Duration.ZERO, "a", "b")).isEmpty();
  }

  @Test
  void gatewayThatDiedWithTheStore_isAwaitedForOneLeaseTimeInAll() {
    see("e1", OLD, "a", "b");
    see("e2", Duration.ZERO, "a");
    after(LEASE.dividedBy(3));
    assertThat(see("e2", OLD, "a")).isPresent();
    // Another loss does not begin its time anew.
    after(LEASE.dividedBy(3));
    assertThat(see("e3", Duration.ZERO, "a")).isPresent();
    after(LEASE.dividedBy(3));
    assertThat(see("e3", OLD, "a")).isEmpty();
  }

  @Test
  void leaseThatRunsOutInAStoreSeenAllAlong_isNotAwaited() {
    see("e1", OLD, "a", "b");
    after(LEASE.dividedBy(3));
    assertThat(see("e1", OLD, "a")).isEmpty();
  }

  @Test
  void leasesThatMayHaveRunOutUnseen_areAwaited() {
    see("e1", OLD, "a", "b");
    after(LEASE);
    assertThat(see("e1", OLD)).isPresent();
    assertThat(see("e1", OLD, "a")).isPresent();
    assertThat(see("e1", OLD, "a", "b")).isEmpty();
  }
}
