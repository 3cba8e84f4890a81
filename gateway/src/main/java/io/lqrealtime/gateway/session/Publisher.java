package io.lqrealtime.gateway.session;

import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.UserId;
import java.util.Optional;

/** A session's way into the log. Never blocks. */
public interface Publisher {
  /** A message on its way in. */
  record Publication(
      TenantChannel channel,
      Optional<String> id,
      UserId from,
      ConnectionId connection,
      byte[] payload) {}

  /** Called once for each publication, on whatever thread: must not block. */
  interface Listener {
    /**
     * The message is durable.
     *
     * @param position its name, as text
     */
    void durable(String position);

    /** The message is not durable, as far as can be known, and the client may try again. */
    void failed();
  }

  /**
   * Publishes, and answers the listener when it is known what became of it.
   *
   * @return false, and the listener is not called, if the clients of its tenant have more under way
   *     than is left for all others
   */
  boolean publish(Publication publication, Listener listener);
}
