package io.lqrealtime.presence.redis;

import static java.util.concurrent.CompletableFuture.completedFuture;
import static java.util.concurrent.CompletableFuture.failedFuture;

import io.lettuce.core.MapScanCursor;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lqrealtime.presence.GatewayLeases.Observation;
import io.lqrealtime.presence.Member;
import io.lqrealtime.presence.Owner;
import io.lqrealtime.presence.PresenceSnapshot;
import io.lqrealtime.presence.PresenceUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * One count of a channel's members: reads the hash in pages of about {@value #PAGE} entries, about
 * a millisecond of the server's time each, and leaves out entries whose owner holds no lease.
 *
 * <p>A scan may show an entry twice while the hash is resized, so connections are told apart by
 * name. Used once; its steps run one after the other.
 */
final class RedisChannelCount {
  private static final int PAGE = 2_000;

  private final RedisLink link;
  private final String key;
  private final int maxMembers;
  private final long start = System.nanoTime();
  private final Duration timeout;

  private final Set<String> liveOwners = new HashSet<>();
  private final Set<String> connections = new HashSet<>();
  private final Set<String> users = new HashSet<>();
  private final List<Member> members = new ArrayList<>();
  private ScanCursor cursor = ScanCursor.INITIAL;

  RedisChannelCount(RedisLink link, String key, int maxMembers, Duration timeout) {
    this.link = link;
    this.key = key;
    this.maxMembers = maxMembers;
    this.timeout = timeout;
  }

  CompletableFuture<PresenceSnapshot> count(CompletableFuture<Observation> leases) {
    // Both are under way at once: a channel of one page costs one round trip.
    return leases
        .thenCombine(
            page(),
            (observation, first) -> {
              observation
                  .generations()
                  .forEach(
                      (gateway, generation) ->
                          liveOwners.add(RedisEntry.ownerPrefix(new Owner(gateway, generation))));
              return first;
            })
        .thenCompose(first -> add(first) ? Repeat.whileTrue(this::next) : completedFuture(null))
        .thenApply(end -> new PresenceSnapshot(connections.size(), users.size(), members));
  }

  private CompletableFuture<MapScanCursor<String, String>> page() {
    return link.call(commands -> commands.hscan(key, cursor, ScanArgs.Builder.limit(PAGE)));
  }

  private CompletableFuture<Boolean> next() {
    if (System.nanoTime() - start > timeout.toNanos()) {
      return failedFuture(new PresenceUnavailableException("the channel's count took too long"));
    }
    return page().thenApply(this::add);
  }

  /** Counts a page; says whether there are more. */
  private boolean add(MapScanCursor<String, String> page) {
    for (Map.Entry<String, String> entry : page.getMap().entrySet()) {
      String owner = RedisEntry.ownerPrefixOf(entry.getValue());
      if (liveOwners.contains(owner) && connections.add(entry.getKey())) {
        users.add(RedisEntry.user(entry.getValue(), owner));
        if (members.size() < maxMembers) {
          members.add(RedisEntry.member(entry.getKey(), entry.getValue(), owner));
        }
      }
    }
    cursor = page;
    return !page.isFinished();
  }
}
