package io.lqrealtime.gateway.session;

import io.lqrealtime.frame.ClientFrame;
import io.lqrealtime.frame.HistoryPage;
import io.lqrealtime.frame.ServerFrames;
import io.lqrealtime.frame.Since;
import io.lqrealtime.gateway.websocket.FrameEncoder;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * One request for a page of a channel's history: from its {@code since}, or the earliest message
 * retained, oldest first, up to the end that the log has when it is served. So what was acked
 * before the request is in it, or in a later page.
 *
 * <p>A page has at most as many bytes as it is given, and the first message whatever its size.
 */
final class HistoryQuery {
  /** Of a page, at the most. */
  static final int MAX_PAGE_BYTES = 1 << 20;

  /** How it ends. */
  sealed interface Outcome {
    /** The answer's frame. */
    record Answer(byte[] frame) implements Outcome {}

    /** Where the client stood is in the log no more, or was in another log. */
    record Lost(String message) implements Outcome {}

    record Unavailable() implements Outcome {}
  }

  private final SessionServices services;
  private final History.Reader reader;
  private final TenantChannel channel;
  private final int partition;
  private final ClientFrame.History request;
  private final int maxBytes;

  HistoryQuery(
      SessionServices services,
      History.Reader reader,
      TenantChannel channel,
      int partition,
      ClientFrame.History request,
      int maxBytes) {
    this.services = services;
    this.reader = reader;
    this.channel = channel;
    this.partition = partition;
    this.request = request;
    this.maxBytes = maxBytes;
  }

  /** Asks; the outcome comes once, on whatever thread. */
  void ask(Consumer<Outcome> outcome) {
    History.From from;
    switch (request.since().orElse(new Since.Earliest())) {
      case Since.Earliest() -> from = new History.From.Earliest();
      case Since.From(var instant) -> from = new History.From.At(instant);
      case Since.After(var cursor) -> {
        OptionalLong offset = services.positions().offset(cursor, partition);
        if (offset.isEmpty()) {
          outcome.accept(new Outcome.Lost("since is a position of another log or channel"));
          return;
        }
        from = new History.From.After(offset.getAsLong());
      }
    }
    services.history().start(reader, partition, from, start -> started(start, outcome));
  }

  private void started(History.Start start, Consumer<Outcome> outcome) {
    switch (start) {
      case History.Start.After(long offset) ->
          services
              .history()
              .read(
                  reader,
                  new History.Request(
                      channel, partition, offset, History.END, request.limit(), maxBytes),
                  page -> outcome.accept(outcomeOf(page)));
      case History.Start.NotYet(long last) -> outcome.accept(answer(List.of(), last, true));
      case History.Start.NotRetained(long oldest) -> outcome.accept(notRetained(oldest));
      case History.Start.Unavailable() -> outcome.accept(new Outcome.Unavailable());
    }
  }

  private Outcome outcomeOf(History.Page page) {
    return switch (page) {
      case History.Page.Messages(List<History.Stored> messages, long cursor, boolean complete) ->
          answer(messages, cursor, complete);
      case History.Page.NotRetained(long oldest) -> notRetained(oldest);
      case History.Page.Unavailable() -> new Outcome.Unavailable();
    };
  }

  private Outcome answer(List<History.Stored> messages, long cursor, boolean complete) {
    HistoryPage page =
        ServerFrames.history(
            request.id().orElse(""),
            channel.channel(),
            messages.stream().map(HistoryQuery::text).toList(),
            services.positions().text(partition, cursor),
            !complete);
    // Written once, into the array that goes to the socket: a page is large, and copies of it would
    // be most of what the garbage collector has to do.
    int length = page.length();
    byte[] frame = new byte[FrameEncoder.headerLength(length) + length];
    page.writeTo(frame, FrameEncoder.writeTextHeader(frame, 0, length));
    return new Outcome.Answer(frame);
  }

  private Outcome notRetained(long oldest) {
    return new Outcome.Lost(
        "since is not retained any more; the earliest position is "
            + services.positions().text(partition, Math.max(0, oldest)));
  }

  private static HistoryPage.Message text(History.Stored message) {
    byte[] frame = message.frame();
    return new HistoryPage.Message(frame, FrameEncoder.headerLengthOf(frame));
  }
}
