package io.lqrealtime.presence;

import io.lqrealtime.id.Place;
import io.lqrealtime.id.TenantId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a gateway's presence to the directory, and waits for it: batches of changes, or all of it.
 *
 * <p>To write all of it is to write each member under a stamp higher than any before, and then to
 * have the directory drop what has a lower one, and then to say that it is whole; nobody sees the
 * members vanish meanwhile. Few calls are under way at a time, and only one while all is written,
 * so that many gateways that do so at once do not push over a directory that has just come back.
 *
 * <p>A tenant whose changes are not taken holds up no other: they wait, and are tried again after a
 * pause of their own, when those of tenants that had no failure have been written. After {@value
 * #CALLS_AT_A_TIME} failures in a row nobody else is tried for a moment: the directory itself may
 * be away.
 *
 * <p>Used by one thread, but for {@link #isBehind} and {@link #addBehind}. Throws {@link
 * PresenceUnavailableException} where the directory fails, and where the thread was interrupted (it
 * then stays interrupted).
 */
final class PresenceWriter {
  private static final Logger log = LoggerFactory.getLogger(PresenceWriter.class);

  /** Tenants that are written to at a time. */
  private static final int CALLS_AT_A_TIME = 8;

  /** Members that are held back while all is written, to fill batches. */
  private static final int MAX_HELD = 4_096;

  /** Tenants that are remembered to have been written to. */
  private static final int MAX_KNOWN_TENANTS = 100_000;

  private final PresenceDirectory directory;
  private final PresenceMaintenance maintenance;
  private final PresenceSource source;
  private final Runnable onLoss;

  /**
   * Tenants that the owner has written to: a loss there shows with the next write, and what the
   * store has forgotten of them is found and removed all the same.
   */
  private final Set<TenantId> known = new HashSet<>();

  private Optional<Owner> knownOf = Optional.empty();
  private final TenantRetries retries = new TenantRetries(System::nanoTime);

  /**
   * Tenants of which something was not taken, or not tried; bounded by those that have had
   * connections.
   */
  private final Set<TenantId> behind = ConcurrentHashMap.newKeySet();

  /** Tenants of which something can only be written with the whole; bounded as those are. */
  private final Set<TenantId> behindWithTheWhole = ConcurrentHashMap.newKeySet();

  /** Tenants whose changes are on their way. */
  private final Set<TenantId> underWay = ConcurrentHashMap.newKeySet();

  private int failuresInARow;

  // Starts at the time in µs: higher than what the same owner wrote before, should it ever write
  // through two writers, and below 2^53 until the year 2255.
  private long stamp = System.currentTimeMillis() * 1_000;
  private long sweptBelow;

  /**
   * @param onLoss called when a write shows that the directory lost what had been written earlier
   */
  PresenceWriter(
      PresenceDirectory directory,
      PresenceMaintenance maintenance,
      PresenceSource source,
      Runnable onLoss) {
    this.directory = directory;
    this.maintenance = maintenance;
    this.source = source;
    this.onLoss = onLoss;
  }

  /**
   * What came of writing changes.
   *
   * @param failed how many tenants' changes failed; they are due again when {@link #nanosToRetry}
   *     is over
   * @param cutShort whether others were not tried, since so many failed in a row
   */
  record Round(int failed, boolean cutShort) {}

  /** Writes what is pending; what was not written is pending again, unless something newer is. */
  Round writeChanges(Owner owner, ConcurrentMap<PresenceView.Key, PresenceChange> pending) {
    Queue<Batch> waiting = new ArrayDeque<>(take(pending));
    Queue<Batch> called = new ArrayDeque<>();
    int failed = 0;
    waiting.forEach(batch -> underWay.add(batch.tenant));
    failuresInARow = 0;
    try {
      while (!seemsAway() && !(waiting.isEmpty() && called.isEmpty())) {
        while (called.size() < CALLS_AT_A_TIME && !waiting.isEmpty()) {
          Batch batch = waiting.remove();
          batch.answer = directory.apply(owner, ++stamp, batch.tenant, batch.changes);
          called.add(batch);
        }
        Batch oldest = called.element();
        try {
          if (isLoss(oldest.tenant, await(oldest.answer))) {
            onLoss.run();
          }
          taken(oldest.tenant);
          retries.succeeded(oldest.tenant);
        } catch (PresenceUnavailableException e) {
          if (Thread.currentThread().isInterrupted()) {
            throw e;
          }
          failed++;
          retries.failed(oldest.tenant);
          oldest.putBack(pending);
          notTaken(oldest.tenant, e);
        }
        called.remove();
      }
      return new Round(failed, !(waiting.isEmpty() && called.isEmpty()));
    } finally {
      waiting.addAll(called);
      for (Batch batch : waiting) {
        behind.add(batch.tenant);
        batch.putBack(pending);
      }
      underWay.clear();
    }
  }

  /** Nanoseconds until changes that failed are due again; empty if there are none. */
  OptionalLong nanosToRetry() {
    return retries.nanosToNext();
  }

  /** The directory is back: what failed is due at once. */
  void retryNow() {
    retries.reset();
  }

  /** Whether something of the tenant was not taken, and is not in the directory. On any thread. */
  boolean isBehind(TenantId tenant) {
    return behind.contains(tenant) || behindWithTheWhole.contains(tenant);
  }

  /**
   * Adds those of whom something was not taken. On any thread.
   *
   * @param withUnderWay and those of whom something is on its way
   */
  void addBehind(Set<TenantId> tenants, boolean withUnderWay) {
    tenants.addAll(behind);
    tenants.addAll(behindWithTheWhole);
    if (withUnderWay) {
      tenants.addAll(underWay);
    }
  }

  private void taken(TenantId tenant) {
    failuresInARow = 0;
    behind.remove(tenant);
  }

  private void notTaken(TenantId tenant, PresenceUnavailableException cause) {
    behind.add(tenant);
    failuresInARow++;
    log.debug("Presence of {} was not written", tenant, cause);
  }

  private boolean seemsAway() {
    return failuresInARow >= CALLS_AT_A_TIME;
  }

  /** Takes what may be tried, that of tenants without a failure first. */
  private List<Batch> take(ConcurrentMap<PresenceView.Key, PresenceChange> pending) {
    Map<TenantId, Batch> batches = new HashMap<>();
    Set<TenantId> tenants = new HashSet<>();
    pending.forEach(
        (key, change) -> {
          tenants.add(key.tenant());
          if (retries.mayTry(key.tenant()) && pending.remove(key, change)) {
            batches.computeIfAbsent(key.tenant(), Batch::new).changes.add(change);
          }
        });
    retries.retain(tenants);
    return batches.values().stream()
        .sorted(Comparator.comparing((Batch batch) -> retries.hasFailed(batch.tenant)))
        .toList();
  }

  private boolean isLoss(TenantId tenant, ApplyOutcome outcome) {
    return switch (outcome) {
      case ApplyOutcome.Applied applied -> {
        know(tenant);
        yield false;
      }
      case ApplyOutcome.StartedAnew anew -> {
        boolean wasKnown = known.contains(tenant);
        know(tenant);
        yield wasKnown;
      }
      case ApplyOutcome.Overtaken overtaken -> true;
    };
  }

  private void know(TenantId tenant) {
    if (known.size() < MAX_KNOWN_TENANTS) {
      known.add(tenant);
    }
  }

  /**
   * Writes everything that the source shows, and removes everything that it does not. What one
   * tenant's part of the directory does not take keeps the others' from nothing, but the whole is
   * to be written again.
   *
   * @param pending what is there is taken out: it is part of the whole
   * @return whether all was taken; where it was not, {@link #isBehind} says of whom
   * @throws PresenceUnavailableException if not all was tried
   */
  boolean writeAll(Owner owner, ConcurrentMap<PresenceView.Key, PresenceChange> pending) {
    if (!knownOf.equals(Optional.of(owner))) {
      known.clear();
      knownOf = Optional.of(owner);
    }
    failuresInARow = 0;
    // Before the source is asked: what it does not show yet comes as a change after this.
    pending.forEach(
        (key, change) -> {
          behindWithTheWhole.add(key.tenant());
          pending.remove(key, change);
        });
    String epoch = await(maintenance.epoch());
    long fromStamp = stamp + 1;
    Rewrite rewrite = new Rewrite(owner);
    source.forEachMember(rewrite::add);
    rewrite.writeHeld();

    Set<TenantId> tenants = new HashSet<>(known);
    tenants.addAll(rewrite.written.keySet());
    await(maintenance.register(owner, tenants));
    tenants.addAll(await(maintenance.tenants(owner)));
    tenants.removeAll(rewrite.startedAnew);
    for (TenantId tenant : tenants) {
      rewrite.retain(tenant, fromStamp);
    }
    behindWithTheWhole.addAll(rewrite.failed);
    behindWithTheWhole.retainAll(rewrite.failed);
    behind.retainAll(rewrite.failed);
    if (!rewrite.isWhole()) {
      return false;
    }
    if (!await(maintenance.written(owner, epoch))) {
      throw new PresenceUnavailableException("the directory lost entries while all was written");
    }
    sweepFormer(owner);
    log.info(
        "Wrote the presence of {} members in {} tenants", rewrite.count, rewrite.written.size());
    return true;
  }

  /**
   * What earlier generations of this gateway left, having been killed or having overslept. Nothing
   * waits for it: what they left counts for nothing, and routers sweep it too, if it fails here.
   */
  private void sweepFormer(Owner owner) {
    if (sweptBelow >= owner.generation()) {
      return;
    }
    sweptBelow = owner.generation();
    var _ =
        maintenance
            .owners()
            .thenCompose(
                all -> {
                  CompletionStage<Void> swept = CompletableFuture.completedStage(null);
                  for (Owner other : all) {
                    if (other.gateway().equals(owner.gateway())
                        && other.generation() < owner.generation()) {
                      swept = swept.thenCompose(any -> maintenance.sweep(other));
                    }
                  }
                  return swept;
                })
            .whenComplete(
                (any, failure) -> {
                  if (failure != null) {
                    log.info("What was here before was not swept: {}", failure.toString());
                  }
                });
  }

  private static <T> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PresenceUnavailableException("interrupted", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof PresenceUnavailableException unavailable
          ? unavailable
          : new PresenceUnavailableException("the presence directory failed", e);
    }
  }

  /** Changes of one tenant that were taken to be written. */
  private static final class Batch {
    private final TenantId tenant;
    private final List<PresenceChange> changes = new ArrayList<>();
    private CompletionStage<ApplyOutcome> answer = new CompletableFuture<>();

    private Batch(TenantId tenant) {
      this.tenant = tenant;
    }

    private void putBack(ConcurrentMap<PresenceView.Key, PresenceChange> pending) {
      for (PresenceChange change : changes) {
        pending.putIfAbsent(
            new PresenceView.Key(tenant, change.place(), change.connection()), change);
      }
    }
  }

  /** Writing all: what is held back for each tenant, and what was written there. */
  private final class Rewrite {
    private final Owner owner;
    private final Map<TenantId, List<PresenceChange>> held = new HashMap<>();
    private final Map<TenantId, Map<Place, Integer>> written = new HashMap<>();
    private final Set<TenantId> startedAnew = new HashSet<>();
    private final Set<TenantId> failed = new HashSet<>();
    private int heldMembers;
    private long count;

    private Rewrite(Owner owner) {
      this.owner = owner;
    }

    private void add(TenantId tenant, PresenceChange.Joined member) {
      List<PresenceChange> ofTenant = held.computeIfAbsent(tenant, any -> new ArrayList<>());
      ofTenant.add(member);
      written
          .computeIfAbsent(tenant, any -> new HashMap<>())
          .merge(member.place(), 1, Integer::sum);
      heldMembers++;
      count++;
      if (ofTenant.size() == PresenceDirectory.MAX_CHANGES_A_CALL) {
        held.remove(tenant);
        write(tenant, ofTenant);
      } else if (heldMembers == MAX_HELD) {
        writeHeld();
      }
    }

    private void writeHeld() {
      held.forEach(this::write);
      held.clear();
    }

    private void write(TenantId tenant, List<PresenceChange> members) {
      heldMembers -= members.size();
      attempt(
          tenant,
          () -> {
            switch (await(directory.apply(owner, ++stamp, tenant, members))) {
              case ApplyOutcome.Applied applied -> know(tenant);
              case ApplyOutcome.StartedAnew anew -> {
                know(tenant);
                startedAnew.add(tenant);
              }
              case ApplyOutcome.Overtaken overtaken ->
                  throw new PresenceUnavailableException("another writer writes as " + owner);
            }
          });
    }

    /** Removes what was not written now. */
    private void retain(TenantId tenant, long fromStamp) {
      Map<Place, Integer> places = written.getOrDefault(tenant, Map.of());
      if (places.isEmpty()) {
        // Where the tenant's part was lost this starts it again: that it is missing is a sign of
        // members that are, and there are none.
        write(tenant, List.of());
      }
      attempt(
          tenant,
          () -> {
            var _ = await(maintenance.retain(owner, tenant, fromStamp, places));
          });
    }

    private void attempt(TenantId tenant, Runnable call) {
      if (failed.contains(tenant)) {
        return;
      }
      try {
        call.run();
        failuresInARow = 0;
      } catch (PresenceUnavailableException e) {
        failed.add(tenant);
        notTaken(tenant, e);
        if (seemsAway() || Thread.currentThread().isInterrupted()) {
          throw e;
        }
      }
    }

    private boolean isWhole() {
      return failed.isEmpty();
    }
  }
}
