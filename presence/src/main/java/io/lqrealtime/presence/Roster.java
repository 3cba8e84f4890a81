package io.lqrealtime.presence;

import io.lqrealtime.id.GatewayId;
import io.lqrealtime.presence.GatewayLeases.Observation;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Knows, from what was seen of the leases, whether a count of members can be right: whether every
 * gateway that may have members has all of them in the directory.
 *
 * <p>A store that lost everything looks like one that nobody uses. So those who were seen there are
 * remembered: after a loss (another epoch), and after a time in which leases may have run out
 * because nobody could renew them, counts are doubted until each of them has a whole view again. A
 * gateway that does not come back (it died with the store) holds counts up for one lease time, and
 * no longer. A gateway whose lease runs out in a store that was seen all along is gone, and not
 * waited for.
 *
 * <p>A store that was away and lost nothing lacks what happened meanwhile, and those who could not
 * write it could not say so either. So whoever was without the store itself ({@link #away}), or has
 * just begun, counts by no lease that has not been renewed since; with its renewal a gateway says
 * what is not written yet ({@link Backlog}).
 *
 * <p>Who has seen nothing yet remembers nobody: it doubts a store that is younger than {@link
 * #NEWCOMER}, by when those who were connected to it before are back.
 *
 * <p>To work, it has to be shown the leases about three times a lease time, as a gateway's renewals
 * do. For any thread.
 */
public final class Roster {
  static final Duration NEWCOMER = Duration.ofSeconds(2);

  /**
   * A lease that has not run out.
   *
   * @param term differs from what it was before each renewal
   * @param whole whether the gateway's view was written whole in this epoch
   * @param behind whether the gateway says that something is not written of what is asked for
   */
  public record Lease(long generation, String term, boolean whole, boolean behind) {}

  /**
   * What was seen at one moment.
   *
   * @param age of the epoch
   * @param renewer who saw it while renewing its lease
   */
  public record Sighting(
      String epoch, Duration age, Map<GatewayId, Lease> leases, Optional<GatewayId> renewer) {
    public Sighting {
      leases = Map.copyOf(leases);
    }

    public Observation observation() {
      return new Observation(
          epoch,
          leases.entrySet().stream()
              .collect(
                  Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().generation())));
    }

    public boolean isWhole(GatewayId gateway) {
      Lease lease = leases.get(gateway);
      return lease != null && lease.whole();
    }
  }

  private final long leaseNanos;
  private Optional<Sighting> last = Optional.empty();
  private long lastNanos;
  private long notBefore;

  /** Until when those who were there before a loss are waited for. */
  private final Map<GatewayId, Long> awaited = new HashMap<>();

  /** Whether nothing was seen that was asked for since the store was last away. */
  private boolean away = true;

  /** When that was known last, and then when the first thing after it was seen. */
  private long awayNanos;

  /** The terms of leases that have not been renewed since the store was away. */
  private final Map<GatewayId, String> unrenewed = new HashMap<>();

  /**
   * @param nowNanos of a clock that does not run back; the same for all methods
   */
  public Roster(Duration lease, long nowNanos) {
    this.leaseNanos = lease.toNanos();
    this.awayNanos = nowNanos;
  }

  /** The store did not answer, refused to, or was out of reach. */
  public synchronized void away(long nowNanos) {
    away = true;
    awayNanos = nowNanos;
  }

  /**
   * Takes in what is seen, and says why counts by it may be wrong; empty if they are right.
   *
   * @param askedNanos when it was asked for
   * @param nowNanos of the answer
   */
  public synchronized Optional<String> doubt(Sighting seen, long askedNanos, long nowNanos) {
    last.ifPresentOrElse(
        before -> {
          // A lease lasts two thirds of its time at least from any moment on, if it is renewed.
          boolean unseen = nowNanos - lastNanos > leaseNanos / 2;
          if (unseen || !before.epoch().equals(seen.epoch())) {
            before
                .leases()
                .keySet()
                .forEach(gateway -> awaited.putIfAbsent(gateway, nowNanos + leaseNanos));
          }
        },
        () -> notBefore = nowNanos + NEWCOMER.minus(younger(seen.age())).toNanos());
    last = Optional.of(seen);
    lastNanos = nowNanos;
    awaited
        .entrySet()
        .removeIf(entry -> seen.isWhole(entry.getKey()) || nowNanos - entry.getValue() >= 0);
    seeRenewals(seen, askedNanos, nowNanos);

    if (nowNanos - notBefore < 0) {
      return Optional.of("the store is new, and gateways may be about to write to it");
    }
    return doubtful(seen, awaited.keySet(), lease -> !lease.whole())
        .map(gateways -> "gateways have not written all they hold yet: " + gateways)
        .or(() -> unseenSinceAway(seen));
  }

  private void seeRenewals(Sighting seen, long askedNanos, long nowNanos) {
    if (askedNanos - awayNanos < 0) {
      // It was asked for before the store was away, or before others' terms were seen after that.
      return;
    }
    if (away) {
      away = false;
      awayNanos = nowNanos;
      unrenewed.clear();
      seen.leases().forEach((gateway, lease) -> unrenewed.put(gateway, lease.term()));
    }
    seen.renewer().ifPresent(unrenewed::remove);
    unrenewed
        .entrySet()
        .removeIf(
            entry -> {
              Lease lease = seen.leases().get(entry.getKey());
              return lease == null || !lease.term().equals(entry.getValue());
            });
  }

  private Optional<String> unseenSinceAway(Sighting seen) {
    if (away) {
      return Optional.of("the store was away a moment ago");
    }
    return doubtful(seen, unrenewed.keySet(), Lease::behind)
        .map(gateways -> "gateways may know what they have not written yet: " + gateways);
  }

  private static Optional<Set<String>> doubtful(
      Sighting seen, Set<GatewayId> some, Predicate<Lease> others) {
    Set<String> names = new TreeSet<>();
    some.forEach(gateway -> names.add(gateway.value()));
    seen.leases()
        .forEach(
            (gateway, lease) -> {
              if (others.test(lease)) {
                names.add(gateway.value());
              }
            });
    return names.isEmpty() ? Optional.empty() : Optional.of(names);
  }

  private static Duration younger(Duration age) {
    Duration positive = age.isNegative() ? Duration.ZERO : age;
    return positive.compareTo(NEWCOMER) < 0 ? positive : NEWCOMER;
  }
}
