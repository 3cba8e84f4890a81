package io.lqrealtime.gateway.session;

import io.lqrealtime.frame.Since;
import io.lqrealtime.gateway.session.ChannelMetrics.Behind;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.ToLongFunction;

/**
 * Brings subscriptions that are behind to the gateway's live stream: those that resume, those whose
 * client's socket does not take what there is, and all of a partition in which messages were
 * missed. One mechanism for all three, since to a subscription they are the same: its cursor is
 * behind.
 *
 * <p>It reads on from the cursor as the client's socket drains: from memory where that goes back
 * far enough, else from the log, in pages. Pages that are on their way count as queued already, so
 * that a client's subscriptions together ask for no more than it has room for, in turn. It is live
 * again at the moment when nothing of the channel is left between its cursor and the stream; the
 * memory is filled before the stream is fanned out, so nothing can fall between.
 *
 * <p>Confined to the I/O thread; holds no state of its own.
 */
final class CatchUps {
  /** Messages in a page of history, at the most. */
  static final int PAGE_MESSAGES = 1_000;

  private static final int LEAST_PAGE_BYTES = 4_096;

  private final Recent recent;
  private final History history;
  private final LogPositions positions;
  private final ToLongFunction<LocalChannel> stream;
  private final ChannelMetrics metrics;

  /**
   * @param stream how far a channel's stream has been fanned out here
   */
  CatchUps(
      Recent recent,
      History history,
      LogPositions positions,
      ToLongFunction<LocalChannel> stream,
      ChannelMetrics metrics) {
    this.stream = stream;
    this.metrics = metrics;
    this.recent = recent;
    this.history = history;
    this.positions = positions;
  }

  /** Finds out where a subscription with a {@code since} starts; its channel is active. */
  void resolve(Subscription subscription, Since since) {
    subscription.phase = Subscription.Phase.RESOLVING;
    LocalChannel channel = subscription.channel;
    if (since instanceof Since.After after) {
      OptionalLong offset = positions.offset(after.cursor(), channel.partition);
      if (offset.isEmpty()) {
        // Nothing is known of that log but that this one does not hold it.
        ask(subscription, new History.From.Earliest(), false);
      } else if (isInMemory(channel, offset.getAsLong())) {
        begin(subscription, offset.getAsLong());
      } else {
        ask(subscription, new History.From.After(offset.getAsLong()), true);
      }
    } else if (since instanceof Since.From from) {
      History.From.At at = new History.From.At(from.instant());
      subscription.awaited = new AwaitedInstant(at);
      ask(subscription, at, true);
    } else {
      ask(subscription, new History.From.Earliest(), true);
    }
  }

  /**
   * Whether memory goes on from an offset that has been given out. Past the stream's end memory has
   * nothing to say: whether the log holds that offset, or has lost it, is for the log to say.
   */
  private boolean isInMemory(LocalChannel channel, long offset) {
    return recent.read(channel.name, channel.partition, offset, channel.activeFrom, 0)
            instanceof Recent.Read.Messages messages
        && (offset <= stream.applyAsLong(channel) || !messages.frames().isEmpty());
  }

  private void ask(Subscription subscription, History.From from, boolean recoverable) {
    history.start(
        subscription.session,
        subscription.channel.partition,
        from,
        start -> subscription.session.onIoThread(() -> started(subscription, start, recoverable)));
  }

  private void started(Subscription subscription, History.Start start, boolean recoverable) {
    if (subscription.phase != Subscription.Phase.RESOLVING) {
      return;
    }
    switch (start) {
      case History.Start.After(long offset) when recoverable -> {
        subscription.awaited = null;
        begin(subscription, offset);
      }
      case History.Start.After(long offset) -> goOnLive(subscription, offset + 1);
      case History.Start.NotYet(long last) -> begin(subscription, last);
      case History.Start.NotRetained(long oldest) -> goOnLive(subscription, oldest);
      case History.Start.Unavailable() ->
          subscription.session.subscriptions.subscribeFailed(subscription);
    }
  }

  /** Goes on from an offset that the client is told, or knows. */
  void begin(Subscription subscription, long offset) {
    subscription.cursor = offset;
    subscription.owesLive = true;
    if (subscription.isCompanion) {
      subscription.phase = Subscription.Phase.CATCHING_UP;
      subscription.session.subscriptions.behind(1);
    } else {
      isBehind(subscription, Behind.RESUME);
    }
    subscription.session.subscriptions.subscribed(
        subscription, positions.text(subscription.channel.partition, offset), Optional.empty());
    advance(subscription);
  }

  /** What it asked for is not retained: it goes on live, and its client is told so. */
  private void goOnLive(Subscription subscription, long oldest) {
    LocalChannel channel = subscription.channel;
    subscription.cursor = Math.max(subscription.cursor, stream.applyAsLong(channel));
    if (channel.active) {
      subscription.phase = Subscription.Phase.LIVE;
    } else {
      isBehind(subscription, Behind.GAP);
    }
    subscription.session.subscriptions.subscribed(
        subscription,
        positions.text(channel.partition, subscription.cursor),
        Optional.of(positions.text(channel.partition, Math.max(0, oldest))));
  }

  /**
   * A subscription that had seen all there is has fallen behind; it has seen everything up to this
   * offset.
   */
  void fallBehind(Subscription subscription, long seen, Behind cause) {
    subscription.cursor = Math.max(subscription.cursor, seen);
    if (subscription.phase == Subscription.Phase.LIVE
        || subscription.phase == Subscription.Phase.EARLY) {
      isBehind(subscription, cause);
    }
  }

  /** The stream has come to a message of the channel, and the subscription awaits an instant. */
  void see(Subscription subscription, AwaitedInstant awaited, long offset, long appendedAt) {
    if (subscription.phase != Subscription.Phase.EARLY) {
      awaited.sees(offset, appendedAt);
    } else if (awaited.hasCome(appendedAt)) {
      subscription.awaited = null;
      subscription.cursor = Math.max(subscription.cursor, offset - 1);
      subscription.phase = Subscription.Phase.LIVE;
    }
  }

  private void isBehind(Subscription subscription, Behind cause) {
    subscription.phase = Subscription.Phase.CATCHING_UP;
    subscription.session.subscriptions.behind(1);
    metrics.fellBehind(cause);
  }

  /** Has its tenant's turn bring a subscription that is behind to the stream. */
  void awaitTurn(Subscription subscription) {
    subscription.session.turn().await(subscription.session);
  }

  /**
   * Goes on with a subscription that is behind, as far as there is room at its client, and time in
   * its tenant's turn: what is left then is done in the next one.
   */
  void advance(Subscription subscription) {
    if (!mayAdvance(subscription)) {
      return;
    }
    Turn turn = subscription.session.turn();
    if (!turn.begin()) {
      awaitTurn(subscription);
      return;
    }
    try {
      while (advanceOnce(subscription)) {
        if (turn.isOver()) {
          awaitTurn(subscription);
          return;
        }
      }
    } finally {
      turn.end();
    }
  }

  private static boolean mayAdvance(Subscription subscription) {
    return subscription.phase == Subscription.Phase.CATCHING_UP
        && subscription.channel.active
        && !subscription.fetching;
  }

  /** Returns whether it may go on. */
  private boolean advanceOnce(Subscription subscription) {
    AwaitedInstant awaited = subscription.awaited;
    if (awaited != null) {
      seek(subscription, awaited);
      return false;
    }
    int room = subscription.session.room();
    if (room <= 0) {
      return false;
    }
    LocalChannel channel = subscription.channel;
    switch (recent.read(
        channel.name, channel.partition, subscription.cursor, channel.activeFrom, room)) {
      case Recent.Read.Messages messages -> {
        for (byte[] frame : messages.frames()) {
          subscription.session.answers.push(frame);
        }
        metrics.delivered(messages.frames().size());
        subscription.cursor = Math.max(subscription.cursor, messages.cursor());
        if (messages.complete() && subscription.phase == Subscription.Phase.CATCHING_UP) {
          hasSeenAll(subscription, Subscription.Phase.LIVE);
        }
      }
      case Recent.Read.Missing missing -> fetch(subscription, missing.upTo(), room);
    }
    return mayAdvance(subscription);
  }

  /** Finds out whether anything has been appended since the instant that it awaits. */
  private void seek(Subscription subscription, AwaitedInstant awaited) {
    awaited.ask();
    subscription.fetching = true;
    history.start(
        subscription.session,
        subscription.channel.partition,
        awaited.from,
        start ->
            subscription.session.onIoThread(
                () -> {
                  subscription.fetching = false;
                  if (subscription.phase == Subscription.Phase.CATCHING_UP) {
                    sought(subscription, awaited, start);
                    advance(subscription);
                  }
                }));
  }

  private void sought(Subscription subscription, AwaitedInstant awaited, History.Start start) {
    switch (start) {
      case History.Start.After(long offset) -> startAfter(subscription, offset);
      case History.Start.NotRetained(long oldest) -> startAfter(subscription, oldest - 1);
      case History.Start.NotYet(long last) -> {
        if (awaited.hasMissed() || !subscription.channel.active) {
          return;
        }
        if (awaited.first() != AwaitedInstant.NOTHING) {
          startAfter(subscription, awaited.first() - 1);
        } else {
          hasSeenAll(subscription, Subscription.Phase.EARLY);
        }
      }
      case History.Start.Unavailable() -> {
        // It is asked again.
      }
    }
  }

  private static void startAfter(Subscription subscription, long offset) {
    subscription.awaited = null;
    subscription.cursor = Math.max(subscription.cursor, offset);
  }

  private void fetch(Subscription subscription, long upTo, int room) {
    LocalChannel channel = subscription.channel;
    Session session = subscription.session;
    int bytes = session.expect(Math.max(LEAST_PAGE_BYTES, room));
    subscription.fetching = true;
    history.read(
        session,
        new History.Request(
            channel.name, channel.partition, subscription.cursor, upTo, PAGE_MESSAGES, bytes),
        page ->
            session.hasCome(
                bytes,
                () -> {
                  subscription.fetching = false;
                  if (subscription.phase == Subscription.Phase.CATCHING_UP) {
                    take(subscription, page);
                  }
                  session.onRoom();
                }));
  }

  private void take(Subscription subscription, History.Page page) {
    switch (page) {
      case History.Page.Messages messages -> {
        int sent = 0;
        for (History.Stored stored : messages.messages()) {
          if (stored.offset() > subscription.cursor) {
            subscription.cursor = stored.offset();
            subscription.session.answers.push(stored.frame());
            sent++;
          }
        }
        metrics.delivered(sent);
        subscription.cursor = Math.max(subscription.cursor, messages.cursor());
      }
      case History.Page.NotRetained(long oldest) -> {
        subscription.session.subscriptions.behind(-1);
        subscription.owesLive = false;
        goOnLive(subscription, oldest);
      }
      case History.Page.Unavailable() -> {
        // It is asked for again.
      }
    }
  }

  private void hasSeenAll(Subscription subscription, Subscription.Phase next) {
    subscription.phase = next;
    subscription.session.subscriptions.behind(-1);
    if (subscription.owesLive) {
      subscription.owesLive = false;
      subscription.session.subscriptions.caughtUp(
          subscription, positions.text(subscription.channel.partition, subscription.cursor));
    }
  }
}
