package io.lqrealtime.presence;

import io.lqrealtime.id.Place;
import io.lqrealtime.id.TenantId;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Who is in which channel, and which users are there at all, over all gateways: a view. It decides
 * nothing; whatever is lost in it can be written again by the gateways from what they hold.
 *
 * <p>An entry belongs to its {@link Owner}. Only entries whose owner holds the lease of its gateway
 * ({@link GatewayLeases}) count; others may still lie there until {@link PresenceMaintenance#sweep}
 * has removed them, and no query shows them.
 *
 * <p>No method blocks: all may be called on an I/O thread. Each returned stage completes within the
 * adapter's bounded time, with {@link PresenceUnavailableException} where the directory is away,
 * slow or overloaded. Continuations may run on the adapter's I/O thread and must be short.
 */
public interface PresenceDirectory {
  /** The most changes that go to the directory in one call; a longer batch is cut. */
  int MAX_CHANGES_A_CALL = 200;

  /**
   * Applies changes of one tenant, in order. Costs one call to the directory for each {@link
   * #MAX_CHANGES_A_CALL} changes; the first of an owner in a tenant costs two more.
   *
   * @param stamp rises with each batch of an owner, so that one that was overtaken by a newer one
   *     is not applied over it; the same batch may be sent again under its own stamp. 1 or more,
   *     below 2^53
   */
  CompletionStage<ApplyOutcome> apply(
      Owner owner, long stamp, TenantId tenant, List<PresenceChange> changes);

  /**
   * Who is in the place. The counts are whole; while members come and go, each one that was there
   * from beginning to end of the query is counted once. As long as they can't be whole, since the
   * directory lost entries that gateways are about to write again, the query waits for a moment and
   * then is unavailable.
   *
   * @param maxMembers how many to list at most; 0 to 1,000
   */
  CompletionStage<PresenceSnapshot> snapshot(TenantId tenant, Place place, int maxMembers);

  /**
   * Has the listener called, on a thread of the adapter, whenever the directory may have lost what
   * was written to it earlier and the adapter is the first to see it: a connection was lost, or has
   * been made again. The listener must not block.
   */
  void onDisruption(Runnable listener);
}
