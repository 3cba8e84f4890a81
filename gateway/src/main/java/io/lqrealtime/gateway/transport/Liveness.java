package io.lqrealtime.gateway.transport;

/**
 * What is known of a client's life: whether it has been heard of since it was last asked, and since
 * when it has not taken what there is for it. Decides what a heartbeat has to do; does no I/O.
 * Confined to the connection's I/O thread.
 *
 * <p>A client that has answered no ping is gone, unless it only reads slowly: the ping then waits
 * behind other bytes in the kernel, and the client counts as one that is behind.
 */
final class Liveness {
  /** What a heartbeat has to do. */
  enum Heartbeat {
    /** Ask the client for a sign of life. */
    ASK,
    /** The client has not answered: find out whether it may be that it only reads slowly. */
    JUDGE,
    /** Nothing: a ping would wait behind all else. */
    WAIT
  }

  private final EventLoop loop;
  private boolean heard = true;
  private boolean asked;
  private boolean socketFull;
  private boolean readsSlowly;
  private boolean unreachable;
  private boolean lagging;
  private int laggingSince;

  /**
   * @param loop counts the clients that lag
   */
  Liveness(EventLoop loop) {
    this.loop = loop;
  }

  /** Something has come from the client. */
  void heard() {
    heard = true;
    unreachable = false;
    if (readsSlowly) {
      readsSlowly = false;
      update();
    }
  }

  /** Reading goes on: what the client would have said in the meantime has not been heard. */
  void forgetQuestion() {
    asked = false;
  }

  /**
   * @param isReading while nothing is read of a client, nothing can be heard of it
   */
  Heartbeat heartbeat(boolean isReading) {
    if (!heard && isReading && (asked || socketFull)) {
      return Heartbeat.JUDGE;
    }
    asked = !lagging;
    heard = false;
    return asked ? Heartbeat.ASK : Heartbeat.WAIT;
  }

  /**
   * What was found out of a client that had not answered.
   *
   * @return whether it is gone
   */
  boolean isGone(SilentPeers.Verdict verdict, boolean isReading) {
    if (heard || !isReading) {
      return false;
    }
    return switch (verdict) {
      case READS_SLOWLY -> {
        unreachable = false;
        readsSlowly = true;
        update();
        yield false;
      }
      case UNREACHABLE -> {
        // Who was not asked had nothing to answer: an outage may end before the next heartbeat.
        boolean gone = asked || unreachable;
        unreachable = true;
        yield gone;
      }
      case UNKNOWN -> {
        unreachable = false;
        if (!readsSlowly) {
          yield asked && !socketFull;
        }
        // It has read on; the ping is in its own buffers now, and it has a heartbeat to find it.
        readsSlowly = false;
        update();
        yield false;
      }
    };
  }

  /** More waits for the client than its socket took, or has not come to its queue yet. */
  void socketFull(boolean full) {
    socketFull = full;
    update();
  }

  /** The client has gone, and keeps up with all there is for it. */
  void end() {
    socketFull = false;
    readsSlowly = false;
    update();
  }

  /** Whether the client has not kept up for longer than that. */
  boolean lagsLongerThan(int seconds) {
    return lagging && seconds() - laggingSince > seconds;
  }

  private void update() {
    boolean now = socketFull || readsSlowly;
    if (lagging != now) {
      lagging = now;
      laggingSince = seconds();
      loop.lagging(now ? 1 : -1);
    }
  }

  private static int seconds() {
    return (int) (System.nanoTime() / 1_000_000_000);
  }
}
