package io.lqrealtime.presence;

import io.lqrealtime.id.GatewayId;
import io.lqrealtime.presence.GatewayLeases.Observation;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Knows, from what was seen of the leases, whether a count of members can be right: whether every
 * gateway that may have members has its view in the directory.
 *
 * <p>A store that lost everything looks like one that nobody uses. So those who were seen there are
 * remembered: after a loss (another epoch), and after a time in which leases may have run out
 * because nobody could renew them, counts are doubted until each of them has a whole view again. A
 * gateway that does not come back (it died with the store) holds counts up for one lease time, and
 * no longer. A gateway whose lease runs out in a store that was seen all along is gone, and not
 * waited for.
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
   * What was seen at one moment.
   *
   * @param age of the epoch
   * @param whole the gateways that hold a lease and whose view was written whole in this epoch
   */
  public record Sighting(Observation observation, Duration age, Set<GatewayId> whole) {
    public Sighting {
      whole = Set.copyOf(whole);
    }
  }

  private final long leaseNanos;
  private Optional<Observation> last = Optional.empty();
  private long lastNanos;
  private long notBefore;

  /** Until when those who were there before a loss are waited for. */
  private final Map<GatewayId, Long> awaited = new HashMap<>();

  public Roster(Duration lease) {
    this.leaseNanos = lease.toNanos();
  }

  /**
   * Takes in what is seen, and says why counts by it may be wrong; empty if they are right.
   *
   * @param nowNanos of a clock that does not run back
   */
  public synchronized Optional<String> doubt(Sighting seen, long nowNanos) {
    Observation now = seen.observation();
    last.ifPresentOrElse(
        before -> {
          // A lease lasts two thirds of its time at least from any moment on, if it is renewed.
          boolean unseen = nowNanos - lastNanos > leaseNanos / 2;
          if (unseen || !before.epoch().equals(now.epoch())) {
            before
                .generations()
                .keySet()
                .forEach(gateway -> awaited.putIfAbsent(gateway, nowNanos + leaseNanos));
          }
        },
        () -> notBefore = nowNanos + NEWCOMER.minus(younger(seen.age())).toNanos());
    last = Optional.of(now);
    lastNanos = nowNanos;
    awaited
        .entrySet()
        .removeIf(
            entry -> seen.whole().contains(entry.getKey()) || nowNanos - entry.getValue() >= 0);

    if (nowNanos - notBefore < 0) {
      return Optional.of("the store is new, and gateways may be about to write to it");
    }
    Set<String> missing = new TreeSet<>();
    awaited.keySet().forEach(gateway -> missing.add(gateway.value()));
    now.generations().keySet().stream()
        .filter(gateway -> !seen.whole().contains(gateway))
        .forEach(gateway -> missing.add(gateway.value()));
    return missing.isEmpty()
        ? Optional.empty()
        : Optional.of("gateways have not written all they hold yet: " + missing);
  }

  private static Duration younger(Duration age) {
    Duration positive = age.isNegative() ? Duration.ZERO : age;
    return positive.compareTo(NEWCOMER) < 0 ? positive : NEWCOMER;
  }
}
