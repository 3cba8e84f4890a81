package io.lqrealtime.presence.redis;

import static java.util.concurrent.CompletableFuture.completedFuture;
import static java.util.concurrent.CompletableFuture.failedFuture;

import io.lqrealtime.id.Place;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.presence.ApplyOutcome;
import io.lqrealtime.presence.Owner;
import io.lqrealtime.presence.PresenceChange;
import io.lqrealtime.presence.PresenceDirectory;
import io.lqrealtime.presence.PresenceSnapshot;
import io.lqrealtime.presence.PresenceUnavailableException;
import io.lqrealtime.presence.Roster;
import io.lqrealtime.tenant.TenantShares;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * The directory in Redis.
 *
 * <p>A batch is one script call. Where the owner has no index in the tenant yet, the script does
 * nothing and says so; the tenant is then registered with the owner, and the batch sent again with
 * leave to start the index. So whatever has entries is registered, at whatever point a process
 * dies, and a sweep finds it. An index that is missing where its owner was registered is lost, with
 * its entries: before it is started again the owner's view is noted not to be whole, so that
 * nothing is counted by what has been written of it so far.
 *
 * <p>A snapshot reads the place in pages, so that a huge channel does not hold the server up, and
 * counts here, by the leases that were live when it began. Where the {@link Roster} doubts it, it
 * is tried again until its time is over. A bounded number of snapshots runs at a time, which
 * tenants share.
 */
final class RedisPresenceDirectory implements PresenceDirectory {
  /** Snapshots at a time: each may hold the names of a whole channel. */
  static final int MAX_SNAPSHOTS = 64;

  private static final int MAX_MEMBERS = 1_000;
  private static final long RETRY_MILLIS = 50;

  /** A loss that only queries see is told no more often than this. */
  private static final long TELL_LOSS_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final RedisClients clients;
  private final RedisLink link;
  private final RedisScripts scripts;
  private final RedisGatewayLeases leases;
  private final RedisKeys keys;
  private final Duration snapshotTimeout;
  private final AtomicLong lossToldNanos = new AtomicLong(System.nanoTime() - TELL_LOSS_NANOS);
  private final TenantShares snapshots = new TenantShares(MAX_SNAPSHOTS);
  private final LongAdder refused = new LongAdder();

  RedisPresenceDirectory(
      RedisClients clients,
      RedisLink link,
      RedisKeys keys,
      Roster roster,
      Duration lastSeen,
      Duration snapshotTimeout) {
    this.clients = clients;
    this.link = link;
    this.scripts = new RedisScripts(link, keys, lastSeen);
    this.leases = new RedisGatewayLeases(scripts, roster);
    this.keys = keys;
    this.snapshotTimeout = snapshotTimeout;
  }

  /** Shows the queries in a registry; for the one process of it that asks. */
  void watch(MeterRegistry registry) {
    FunctionCounter.builder("lq.presence.queries.refused", refused, LongAdder::sum)
        .description("Presence queries of tenants that had more than their share under way")
        .register(registry);
    Gauge.builder("lq.presence.queries", snapshots, TenantShares::taken)
        .description("Presence queries under way")
        .register(registry);
  }

  @Override
  public CompletableFuture<ApplyOutcome> apply(
      Owner owner, long stamp, TenantId tenant, List<PresenceChange> changes) {
    if (stamp < 1 || stamp >= RedisScripts.ANY_STAMP) {
      throw new IllegalArgumentException("a stamp is 1 or more and below 2^53");
    }
    if (changes.size() <= MAX_CHANGES_A_CALL) {
      return applyOne(owner, stamp, tenant, changes);
    }
    // One after the other: a part that must be sent again would be overtaken by the next.
    List<PresenceChange> first = changes.subList(0, MAX_CHANGES_A_CALL);
    List<PresenceChange> rest = changes.subList(MAX_CHANGES_A_CALL, changes.size());
    return applyOne(owner, stamp, tenant, first)
        .thenCompose(
            outcome ->
                switch (outcome) {
                  case ApplyOutcome.Applied applied -> apply(owner, stamp, tenant, rest);
                  case ApplyOutcome.StartedAnew anew ->
                      apply(owner, stamp, tenant, rest)
                          .thenApply(last -> last instanceof ApplyOutcome.Applied ? outcome : last);
                  case ApplyOutcome.Overtaken overtaken -> completedFuture(outcome);
                });
  }

  private CompletableFuture<ApplyOutcome> applyOne(
      Owner owner, long stamp, TenantId tenant, List<PresenceChange> changes) {
    return scripts
        .apply(owner, stamp, false, tenant, changes)
        .thenCompose(
            answer ->
                answer == RedisScripts.NO_INDEX
                    ? start(owner, stamp, tenant, changes)
                    : completedFuture(
                        answer == RedisScripts.APPLIED
                            ? new ApplyOutcome.Applied()
                            : new ApplyOutcome.Overtaken()));
  }

  private CompletableFuture<ApplyOutcome> start(
      Owner owner, long stamp, TenantId tenant, List<PresenceChange> changes) {
    return scripts
        .register(owner, List.of(tenant))
        .thenCompose(added -> added > 0 ? completedFuture(true) : scripts.viewLost(owner))
        .thenCompose(any -> scripts.apply(owner, stamp, true, tenant, changes))
        .thenApply(
            answer ->
                answer == RedisScripts.APPLIED
                    ? new ApplyOutcome.StartedAnew()
                    : new ApplyOutcome.Overtaken());
  }

  @Override
  public CompletableFuture<PresenceSnapshot> snapshot(
      TenantId tenant, Place place, int maxMembers) {
    if (maxMembers < 0 || maxMembers > MAX_MEMBERS) {
      throw new IllegalArgumentException("0 to " + MAX_MEMBERS + " members can be listed");
    }
    if (!snapshots.enter(tenant)) {
      refused.increment();
      return failedFuture(new PresenceUnavailableException("too many queries at a time"));
    }
    RedisPlaceCount.Question question =
        new RedisPlaceCount.Question(tenant, place, maxMembers, snapshotTimeout);
    return count(question, System.nanoTime() + snapshotTimeout.toNanos())
        .whenComplete((answer, error) -> snapshots.leave(tenant));
  }

  private CompletableFuture<PresenceSnapshot> count(
      RedisPlaceCount.Question question, long deadline) {
    return new RedisPlaceCount(link, scripts, leases, keys, question)
        .count()
        .thenCompose(
            outcome ->
                switch (outcome) {
                  case RedisPlaceCount.Outcome.Counted counted ->
                      completedFuture(counted.snapshot());
                  case RedisPlaceCount.Outcome.Doubted doubted ->
                      again(question, deadline, doubted.doubt(), () -> {});
                  case RedisPlaceCount.Outcome.Lost lost ->
                      again(
                          question,
                          deadline,
                          "entries of gateways in the tenant are lost: " + lost.owners(),
                          () -> tellLoss(lost.owners()));
                });
  }

  private CompletableFuture<PresenceSnapshot> again(
      RedisPlaceCount.Question question, long deadline, String doubt, Runnable inVain) {
    if (System.nanoTime() - deadline > 0) {
      inVain.run();
      return failedFuture(new PresenceUnavailableException(doubt));
    }
    CompletableFuture<Boolean> pause = new CompletableFuture<>();
    clients.schedule(() -> pause.complete(true), RETRY_MILLIS, TimeUnit.MILLISECONDS);
    return pause.thenCompose(over -> count(question, deadline));
  }

  /** They learn with their next renewal that their views are not whole. */
  private void tellLoss(List<Owner> owners) {
    long now = System.nanoTime();
    long told = lossToldNanos.get();
    if (now - told >= TELL_LOSS_NANOS && lossToldNanos.compareAndSet(told, now)) {
      owners.forEach(
          owner -> {
            // In vain, it is told again with a later query.
            var _ = scripts.viewLost(owner);
          });
    }
  }

  @Override
  public void onDisruption(Runnable listener) {
    clients.onDisruption(listener);
  }
}
