package io.lqrealtime.presence;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.id.GatewayId;
import io.lqrealtime.presence.Roster.Lease;
import io.lqrealtime.presence.Roster.Sighting;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RosterTest {
  private static final Duration LEASE = Duration.ofSeconds(9);
  private static final Duration OLD = Duration.ofDays(1);
  private Duration now = Duration.ofSeconds(1_000);
  private final Roster roster = new Roster(LEASE, now.toNanos());
  private int renewals;

  /**
   * Those who hold leases; with a question mark one whose view is not whole, with an exclamation
   * mark one that is behind. All were just renewed, unless {@link #renewals} was set back.
   */
  private Optional<String> see(String epoch, Duration age, String... gateways) {
    renewals++;
    return roster.doubt(seen(epoch, age, gateways), now.toNanos(), now.toNanos());
  }

  private Sighting seen(String epoch, Duration age, String... gateways) {
    Map<GatewayId, Lease> leases = new HashMap<>();
    for (String gateway : gateways) {
      leases.put(
          new GatewayId(gateway.replaceAll("[?!]", "")),
          new Lease(1, Integer.toString(renewals), !gateway.endsWith("?"), gateway.endsWith("!")));
    }
    return new Sighting(epoch, age, leases, Optional.empty());
  }

  private Optional<String> seeUnrenewed(String... gateways) {
    return roster.doubt(seen("e1", OLD, gateways), now.toNanos(), now.toNanos());
  }

  private void after(Duration time) {
    now = now.plus(time);
  }

  @Test
  void oldStoreWithWholeViews_isTrustedOnceAllLeasesWereRenewed() {
    assertThat(see("e1", OLD, "a", "b")).isPresent();
    assertThat(see("e1", OLD, "a", "b")).isEmpty();
  }

  @Test
  void ownLease_isNotWaitedFor_itsRenewalIsWhatIsSeen() {
    Lease lease = new Lease(1, "1", true, false);
    GatewayId own = new GatewayId("a");
    Sighting seen = new Sighting("e1", OLD, Map.of(own, lease), Optional.of(own));
    assertThat(roster.doubt(seen, now.toNanos(), now.toNanos())).isEmpty();
  }

  @Test
  void afterTheStoreWasAway_eachLeaseIsDoubtedUntilItIsRenewed() {
    see("e1", OLD, "a", "b");
    assertThat(see("e1", OLD, "a", "b")).isEmpty();
    after(Duration.ofSeconds(1));
    roster.away(now.toNanos());
    after(Duration.ofSeconds(1));

    assertThat(seeUnrenewed("a", "b").orElseThrow()).contains("a", "b");
    assertThat(seeUnrenewed("a", "b")).isPresent();
    assertThat(see("e1", OLD, "a", "b")).isEmpty();
  }

  @Test
  void afterTheStoreWasAway_aLeaseThatEndsIsWaitedForNoLonger_andANewOneNotAtAll() {
    see("e1", OLD, "a", "b");
    roster.away(now.toNanos());
    assertThat(seeUnrenewed("a", "b")).isPresent();
    assertThat(seeUnrenewed("b").orElseThrow()).contains("b");
    assertThat(seeUnrenewed("c")).isEmpty();
  }

  @Test
  void whatWasAskedForBeforeTheStoreWasAway_saysNothingAboutAfterIt() {
    see("e1", OLD, "a");
    assertThat(see("e1", OLD, "a")).isEmpty();
    Duration before = now;
    after(Duration.ofSeconds(1));
    roster.away(now.toNanos());
    renewals++;
    Sighting late = seen("e1", OLD, "a");
    after(Duration.ofMillis(1));
    assertThat(roster.doubt(late, before.toNanos(), now.toNanos())).isPresent();
    // Nor does what was asked for before the first lease was seen after it, and arrived later.
    before = now;
    after(Duration.ofMillis(1));
    renewals++;
    assertThat(seeUnrenewed("a")).isPresent();
    assertThat(roster.doubt(late, before.toNanos(), now.toNanos())).isPresent();
    assertThat(seeUnrenewed("a")).isPresent();
    assertThat(see("e1", OLD, "a")).isEmpty();
  }

  @Test
  void leaseThatSaysThatItIsBehind_isDoubtedAsLongAsItSaysSo() {
    see("e1", OLD, "a", "b");
    assertThat(see("e1", OLD, "a", "b!").orElseThrow()).contains("b").doesNotContain("a,");
    assertThat(see("e1", OLD, "a", "b!")).isPresent();
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
