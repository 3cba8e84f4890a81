package io.lqrealtime.presence;

import io.lqrealtime.id.TenantId;

/**
 * What a gateway holds: the truth from which its part of the directory is written again.
 *
 * <p>A change must be visible here before {@link PresenceView#changed} is told of it; a view that
 * weakly consistent iteration gives is enough.
 */
@FunctionalInterface
public interface PresenceSource {
  /** Takes the members one by one; may block, and may throw to end the iteration. */
  @FunctionalInterface
  interface Visitor {
    void member(TenantId tenant, PresenceChange.Joined member);
  }

  /**
   * Shows every connection, in the place of its user and in every channel, each once. Runs on the
   * view's thread, for seconds where there are many: no lock may be held meanwhile.
   */
  void forEachMember(Visitor visitor);
}
