package io.lqrealtime.gateway.http;

import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The sockets whose clients are waited for, to send a request or to take an answer, and of which
 * nobody knows whose they are: not more than so many. Where one more comes, the one that has been
 * here for the longest is sent away. To keep anybody out, others would have to open that many
 * sockets in the time that a client's request takes to come; were newcomers to wait instead, it
 * would do to open them once.
 *
 * <p>Whoever has asked to be let in, and so waits itself, does so elsewhere.
 *
 * <p>Safe for use by several threads.
 */
final class PendingSockets {
  private final int most;
  private final Consumer<UpgradeableConnection> sendAway;
  private final SequencedSet<UpgradeableConnection> sockets = new LinkedHashSet<>();

  /**
   * @param sendAway called for each that has to go, on its I/O thread
   */
  PendingSockets(int most, Consumer<UpgradeableConnection> sendAway) {
    this.most = most;
    this.sendAway = sendAway;
  }

  /** The client is waited for from now on. Who ends has to be removed. */
  void add(UpgradeableConnection socket) {
    UpgradeableConnection longest = addAndTakeOneTooMany(socket);
    if (longest != null) {
      longest.getIoThread().execute(() -> sendAway.accept(longest));
    }
    if (!socket.isOpen()) {
      remove(socket); // It may have ended, and been removed, before.
    }
  }

  private synchronized @Nullable UpgradeableConnection addAndTakeOneTooMany(
      UpgradeableConnection socket) {
    sockets.add(socket);
    return sockets.size() > most ? sockets.removeFirst() : null;
  }

  /** Its client is not waited for any more, or has gone. */
  synchronized void remove(UpgradeableConnection socket) {
    sockets.remove(socket);
  }
}
