package io.lqrealtime.gateway.session;

import io.lqrealtime.frame.Since;
import io.lqrealtime.gateway.session.ChannelTable.Member;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One subscription of one connection. Confined to its I/O thread.
 *
 * <p>{@code cursor} is the offset it has seen: a message is delivered if and only if its offset is
 * past it.
 */
final class Subscription {
  enum Phase {
    /** The channel is not active on this gateway yet, and the request not answered. */
    PENDING,
    /** It is being found out where to start; the request is not answered. */
    RESOLVING,
    /** Behind the gateway's stream: it reads on from its cursor, and gets nothing live. */
    CATCHING_UP,
    /** It has seen what there is, and gets nothing until the instant comes that it awaits. */
    EARLY,
    LIVE,
    /** Over, or replaced: whatever still comes for it is dropped. */
    ENDED
  }

  static final long NOT_JOINED = -1;

  final Session session;
  final LocalChannel channel;

  /** To a channel's companion, beside a subscription to it; the client is told nothing of it. */
  final boolean isCompanion;

  Phase phase = Phase.PENDING;
  long cursor;

  /** The request to answer, until it is. */
  Optional<String> requestId;

  /** From where the client wants to start, until that is answered; null: live. */
  @Nullable Since since;

  /** The instant that it is to start at, while nothing is known of an append since then. */
  @Nullable AwaitedInstant awaited;

  /** Whether the client asked to be told who joins and leaves. */
  boolean watches;

  /** What brings the joins and leaves, once it is answered. */
  @Nullable Subscription companion;

  /** An answer of the log's is on its way. */
  boolean fetching;

  /** The client is told when it has caught up. */
  boolean owesLive;

  /** Epoch milliseconds since when the client counts as being in the channel. */
  long joinedAt = NOT_JOINED;

  Subscription(
      Session session, LocalChannel channel, Optional<String> requestId, Optional<Since> since) {
    this.session = session;
    this.channel = channel;
    this.requestId = requestId;
    this.since = since.orElse(null);
    this.isCompanion = false;
  }

  private Subscription(Session session, LocalChannel companion) {
    this.session = session;
    this.channel = companion;
    this.requestId = Optional.empty();
    this.isCompanion = true;
  }

  static Subscription toCompanion(Session session, LocalChannel companion) {
    return new Subscription(session, companion);
  }

  /** Who is in the channel by it, if anybody is yet. */
  Optional<Member> member() {
    return joinedAt == NOT_JOINED
        ? Optional.empty()
        : Optional.of(new Member(channel.name, session.id(), session.user(), joinedAt));
  }

  /** Whether the request has not been answered. */
  boolean isPending() {
    return phase == Phase.PENDING || phase == Phase.RESOLVING;
  }
}
