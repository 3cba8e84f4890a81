package io.lqrealtime.gateway;

import io.lqrealtime.gateway.session.ChannelPresence.Connected;
import io.lqrealtime.gateway.session.ChannelTable;
import io.lqrealtime.gateway.transport.EventLoop;
import io.lqrealtime.gateway.transport.WebSocketConnection;
import io.lqrealtime.presence.PresenceChange;
import io.lqrealtime.presence.PresenceSource;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.xnio.XnioIoThread;

/** The event loops of all I/O threads. Safe for use by several threads. */
final class EventLoops implements PresenceSource {
  private final IdentityHashMap<XnioIoThread, EventLoop> byThread = new IdentityHashMap<>();
  private final List<EventLoop> all;

  /** What one I/O thread has at a moment. */
  private record Present(List<Connected> connected, List<ChannelTable.Member> members) {}

  EventLoops(List<XnioIoThread> threads, Function<XnioIoThread, EventLoop> loop) {
    threads.forEach(thread -> byThread.put(thread, loop.apply(thread)));
    all = List.copyOf(byThread.values());
  }

  EventLoop of(XnioIoThread thread) {
    EventLoop loop = byThread.get(thread);
    if (loop == null) {
      throw new IllegalStateException("a channel of an unknown I/O thread");
    }
    return loop;
  }

  List<EventLoop> all() {
    return all;
  }

  /** Calls for each open connection, on its I/O thread. */
  void forEachConnection(Consumer<WebSocketConnection> action) {
    all.forEach(loop -> loop.forEachConnection(action));
  }

  int lagging() {
    return all.stream().mapToInt(EventLoop::lagging).sum();
  }

  int waitingForTurn() {
    return all.stream().mapToInt(EventLoop::waitingForTurn).sum();
  }

  long unfinishedBytes() {
    return all.stream().mapToLong(loop -> loop.memory().unfinishedBytes()).sum();
  }

  long queuedBytes() {
    return all.stream().mapToLong(loop -> loop.memory().queuedBytes()).sum();
  }

  /** Shows who is connected, I/O thread by I/O thread; waits for each. */
  @Override
  public void forEachMember(Visitor visitor) {
    for (EventLoop loop : all) {
      CompletableFuture<Present> answer = new CompletableFuture<>();
      loop.execute(() -> answer.complete(new Present(loop.connected(), loop.table().members())));
      Present present = answer.orTimeout(10, TimeUnit.SECONDS).join();
      for (Connected who : present.connected) {
        visitor.member(
            who.tenant(),
            new PresenceChange.Joined(who.user(), who.connection(), who.user(), who.sinceMillis()));
      }
      for (ChannelTable.Member member : present.members) {
        visitor.member(
            member.channel().tenant(),
            new PresenceChange.Joined(
                member.channel().channel(),
                member.connection(),
                member.user(),
                member.sinceMillis()));
      }
    }
  }

  /** Stops their timers; what has been handed over still runs. */
  void stop() {
    all.forEach(EventLoop::stop);
  }
}
