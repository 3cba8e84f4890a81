package io.lqrealtime.gateway.session;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;

/**
 * What a gateway remembers and what its log holds, in the test's hand: memory goes back to where it
 * is told, and questions to the log wait for the test's answer.
 */
final class Past implements Recent, History {
  /** A question for a page, and its answer. */
  record Asked(Request request, Consumer<Page> answer) {}

  /** A question for a start, and its answer. */
  record AskedStart(From from, Consumer<Start> answer) {}

  private record Message(TenantChannel channel, long offset, byte[] frame) {}

  final Queue<Asked> pages = new ArrayDeque<>();
  final Queue<AskedStart> starts = new ArrayDeque<>();
  private final List<Message> remembered = new ArrayList<>();

  /** Memory goes back to past this offset. */
  long floor = Long.MAX_VALUE;

  long reached = -1;

  void remember(TenantChannel channel, long offset, byte[] frame) {
    remembered.add(new Message(channel, offset, frame));
    reached = Math.max(reached, offset);
  }

  @Override
  public Read read(
      TenantChannel channel, int partition, long after, long activeFrom, int maxBytes) {
    long least = Math.max(floor, activeFrom);
    if (after < least) {
      return new Read.Missing(floor == Long.MAX_VALUE ? activeFrom : least);
    }
    List<byte[]> frames =
        remembered.stream()
            .filter(message -> message.channel().equals(channel) && message.offset() > after)
            .map(Message::frame)
            .toList();
    return new Read.Messages(frames, Math.max(after, reached), true);
  }

  @Override
  public void start(Reader reader, int partition, From from, Consumer<Start> answer) {
    starts.add(new AskedStart(from, answer));
  }

  @Override
  public void read(Reader reader, Request request, Consumer<Page> answer) {
    pages.add(new Asked(request, answer));
  }
}
