package io.lqrealtime.presence;

import io.lqrealtime.id.Place;
import io.lqrealtime.id.TenantId;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * Keeps the {@link PresenceDirectory} free of what does not belong there. All work is done in steps
 * that each hold the directory up for a few milliseconds at most, one after the other; a stage may
 * thus take long, but fails as soon as one of its steps does. All of it may be repeated.
 */
public interface PresenceMaintenance {
  /** Every owner that may have entries: live ones, and those that have not been swept. */
  CompletionStage<Set<Owner>> owners();

  /** The tenants in which the owner may have entries. */
  CompletionStage<Set<TenantId>> tenants(Owner owner);

  /**
   * Notes that the owner may have entries in these tenants. What writes entries does so by itself;
   * this is for a store that has lost the note and not the entries, as a cluster may.
   */
  CompletionStage<Void> register(Owner owner, Set<TenantId> tenants);

  /**
   * The end of writing an owner's entries in a tenant again: removes those that were last written
   * before {@code fromStamp}. Places in which the directory has as many of the owner's entries as
   * {@code written} says are right as they are and are not looked at.
   *
   * @param written how many entries were written, by place; a place that is absent has none
   */
  CompletionStage<Void> retain(
      Owner owner, TenantId tenant, long fromStamp, Map<Place, Integer> written);

  /** The store's present epoch: see {@link GatewayLeases.Observation}. */
  CompletionStage<String> epoch();

  /**
   * Says that everything an owner has is in the directory. While a gateway that holds a lease has
   * not said so, snapshots are unavailable: they would lack what it has not written yet.
   *
   * @param epoch the one in which the writing began
   * @return false, and nothing noted, if the epoch is another one now, and entries may be lost
   */
  CompletionStage<Boolean> written(Owner owner, String epoch);

  /**
   * Removes every trace of an owner but when users were last seen. To be called only for one that
   * is gone for good, or as good as gone: see {@link PresenceSweeper}. From the beginning to the
   * end the owner's view counts as not {@link #written} any more, so that one that comes back
   * against all expectation writes it again.
   */
  CompletionStage<Void> sweep(Owner owner);
}
