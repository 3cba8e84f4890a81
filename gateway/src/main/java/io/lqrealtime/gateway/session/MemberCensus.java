package io.lqrealtime.gateway.session;

import io.lqrealtime.gateway.session.ChannelTable.Member;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;

/**
 * Tells who is in channels by the connections of one I/O thread, each of which is told whole: what
 * changes afterwards is told by whatever changes it. So many connections at a time that the thread
 * has its other work done meanwhile, and only as fast as the listener can take it.
 *
 * <p>Runs on that thread, first and whenever it goes on.
 */
public final class MemberCensus implements Runnable {
  /** Told in a row; a connection's channels, which limits bound, come on top. */
  static final int SLICE = 512;

  static final Duration PAUSE = Duration.ofMillis(100);

  /** Who wants to know. Any thread may call it. */
  public interface Listener {
    /** Whether nobody wants to know any more. */
    boolean isOver();

    /** Whether the listener can take more at present: if not, it is asked again soon. */
    boolean hasRoom();

    void tell(Member member);
  }

  private final IoThread thread;
  private final List<Session> sessions;
  private final BitSet partitions;
  private final Listener listener;
  private int next;

  /**
   * @param sessions of the connections that are open when the census begins
   * @param partitions whose channels are asked about
   */
  public MemberCensus(
      IoThread thread, List<Session> sessions, BitSet partitions, Listener listener) {
    this.thread = thread;
    this.sessions = sessions;
    this.partitions = partitions;
    this.listener = listener;
  }

  @Override
  public void run() {
    if (listener.isOver()) {
      return;
    }
    int told = 0;
    while (next < sessions.size()) {
      if (told >= SLICE) {
        thread.execute(this);
        return;
      }
      if (!listener.hasRoom()) {
        thread.executeAfter(PAUSE, this);
        return;
      }
      for (Member member : sessions.get(next++).members(partitions)) {
        listener.tell(member);
        told++;
      }
    }
  }
}
