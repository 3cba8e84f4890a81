package io.lqrealtime.gateway.session;

import io.lqrealtime.frame.ClientFrame;
import io.lqrealtime.frame.ClientFrameParser;
import io.lqrealtime.frame.CloseReason;
import io.lqrealtime.gateway.security.Principal;
import io.lqrealtime.gateway.session.ChannelPresence.Connected;
import io.lqrealtime.gateway.session.ChannelTable.Member;
import io.lqrealtime.gateway.tenant.Tenants.Seat;
import io.lqrealtime.id.Channel;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One client's conversation: what it may do, what it has subscribed to, what it still waits for.
 * Confined to the connection's I/O thread; answers that come from elsewhere are brought back to it
 * by the executor.
 *
 * <p>Bounds: {@link SessionLimits}, and what its tenant may have. A client that errs too often is
 * closed.
 */
public final class Session implements History.Reader, Turn.Work {
  private final ConnectionId id;
  private final ClientLink link;
  private final ChannelTable table;
  private final SessionServices services;
  private final IoThread ioThread;
  private final Seat seat;
  private final Reads reads;

  final Answers answers;
  final Subscriptions subscriptions;

  private final long connectedAt;
  private Principal principal;
  // What a client that only listens does not need.
  private @Nullable Publishing publishing;
  private @Nullable Questions questions;
  private @Nullable TokenRefresh tokenRefresh;

  private int expected;
  private volatile boolean ended;

  public Session(
      ConnectionId id,
      Principal principal,
      Seat seat,
      ClientLink link,
      ChannelTable table,
      SessionServices services,
      IoThread ioThread) {
    this.id = id;
    this.principal = principal.sharing(seat.tenant().id());
    this.seat = seat;
    this.link = link;
    this.table = table;
    this.services = services;
    this.ioThread = ioThread;
    this.reads = new Reads(link);
    this.answers = new Answers(seat, link, services, ioThread, reads);
    this.subscriptions = new Subscriptions(this, answers, seat, table, services);
    this.connectedAt = services.clock().millis();
    services.presence().connected(who());
  }

  /** Epoch seconds at which the token, with the newest refresh, expires. */
  public long expiresAt() {
    return principal.expiresAt();
  }

  public ConnectionId id() {
    return id;
  }

  public UserId user() {
    return principal.user();
  }

  /** Whom the client speaks for, by the newest token that it gave. */
  public Principal principal() {
    return principal;
  }

  /**
   * The connection's place among its tenant's, which outlives the session until the socket ends.
   */
  public Seat seat() {
    return seat;
  }

  /**
   * Whether little should be read from the client at a time. Everything that has been read is
   * answered, so of a tenant that floods from many connections no more is read than what tells
   * whether anything may pass.
   */
  public boolean isReadInPieces() {
    return seat.tenant().isAtLimit();
  }

  /**
   * Ends the subscription to a channel by somebody else's decision.
   *
   * @return whether there was one
   */
  public boolean endSubscription(Channel channel) {
    return subscriptions.end(channel);
  }

  /** Whether a subscription is behind, so that there is more to send than what is queued. */
  public boolean isBehind() {
    return subscriptions.isBehind();
  }

  /**
   * A whole text message of the client; the slice is not kept.
   *
   * @param cost as how many bytes it counts, if these are more than its own: for what it takes to
   *     be read
   */
  public void onText(byte[] buffer, int offset, int length, int cost) {
    services.metrics().frameReceived();
    if (answers.isOver()) {
      return;
    }
    ClientFrame frame = ClientFrameParser.parse(buffer, offset, length);
    if (!answers.mayPass(frame, Math.max(length, cost))) {
      return;
    }
    switch (frame) {
      case ClientFrame.Ping ping -> answers.pong(ping);
      case ClientFrame.Publish publish -> publishing().publish(principal, publish);
      case ClientFrame.Subscribe subscribe -> subscriptions.subscribe(subscribe);
      case ClientFrame.Unsubscribe unsubscribe -> subscriptions.unsubscribe(unsubscribe);
      case ClientFrame.Presence presence -> questions().ask(principal, presence);
      case ClientFrame.History history -> questions().ask(principal, history);
      case ClientFrame.Refresh refresh -> tokenRefresh().refresh(refresh);
      case ClientFrame.Rejected rejected ->
          answers.error(rejected.id(), rejected.channel(), rejected.code(), rejected.message());
    }
  }

  /**
   * The connection has ended, whoever ended it: everything that it held is given back. Idempotent.
   */
  public void end() {
    if (ended) {
      return;
    }
    ended = true;
    turn().leave(this);
    subscriptions.end();
    services.presence().disconnected(who());
  }

  @Override
  public TenantId tenant() {
    return seat.tenant().id();
  }

  @Override
  public boolean isWaiting() {
    return !ended;
  }

  boolean hasEnded() {
    return ended;
  }

  /** The client has given a newer token. */
  void speaksFor(Principal fresh) {
    principal = fresh.sharing(seat.tenant().id());
  }

  /** Whose connection this is, unless it has ended. */
  public Optional<Connected> connected() {
    return ended ? Optional.empty() : Optional.of(who());
  }

  /** What of the channels of some partitions this connection is in. */
  List<Member> members(BitSet partitions) {
    return subscriptions.members(partitions);
  }

  private Connected who() {
    return new Connected(principal.tenant(), id, principal.user(), connectedAt);
  }

  void close(CloseReason reason) {
    link.close(reason);
  }

  /** Queues a live frame if there is room; else {@link #onRoom} will be called. */
  boolean deliver(byte[] frame) {
    return link.offer(frame);
  }

  /** Bytes that a subscription which catches up may queue or ask for now. */
  int room() {
    return link.room() - expected;
  }

  /**
   * Sets bytes aside for a page of a catch-up, which count against the client's room.
   *
   * @return how many it may have: fewer than asked for while the gateway is short of memory
   */
  int expect(int most) {
    int reserved = link.reserve(most);
    expected += reserved;
    return reserved;
  }

  /** A page that was expected has come, or won't. */
  void hasCome(int reserved, Runnable task) {
    onIoThread(
        reserved,
        () -> {
          expected -= reserved;
          task.run();
        });
  }

  /**
   * There is room for frames again: subscriptions that are behind go on, each first in its turn.
   */
  public void onRoom() {
    if (questions != null) {
      questions.next();
    }
    subscriptions.advance();
  }

  /** Sends what the client is behind by, in its tenant's turn. What does not come to it waits. */
  @Override
  public boolean takeTurn() {
    subscriptions.advance();
    return false;
  }

  /** No subscription is behind any more. */
  void hasSeenAll() {
    link.hasSeenAll();
  }

  Turn turn() {
    return link.turn();
  }

  /** Runs a task on the I/O thread, unless the connection has ended by then. */
  void onIoThread(Runnable task) {
    onIoThread(0, task);
  }

  /** The same; bytes that were set aside for it are given back also where it has ended. */
  void onIoThread(int reserved, Runnable task) {
    ioThread.execute(
        () -> {
          link.release(reserved);
          if (!ended) {
            task.run();
          }
        });
  }

  private Publishing publishing() {
    Publishing existing = publishing;
    if (existing == null) {
      existing = new Publishing(this, answers, seat.tenant(), services, reads, link);
      publishing = existing;
    }
    return existing;
  }

  private Questions questions() {
    Questions existing = questions;
    if (existing == null) {
      existing = new Questions(this, answers, table, services, link);
      questions = existing;
    }
    return existing;
  }

  private TokenRefresh tokenRefresh() {
    TokenRefresh existing = tokenRefresh;
    if (existing == null) {
      existing = new TokenRefresh(this, answers, services);
      tokenRefresh = existing;
    }
    return existing;
  }
}
