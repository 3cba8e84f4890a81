package io.lqrealtime.gateway.session;

import io.lqrealtime.frame.ClientFrame;
import io.lqrealtime.frame.ClientFrameParser;
import io.lqrealtime.frame.CloseReason;
import io.lqrealtime.frame.ErrorCode;
import io.lqrealtime.frame.ServerFrames;
import io.lqrealtime.gateway.limit.Limit;
import io.lqrealtime.gateway.limit.Throttle.Decision;
import io.lqrealtime.gateway.security.Asker;
import io.lqrealtime.gateway.security.Permissions.Action;
import io.lqrealtime.gateway.security.Principal;
import io.lqrealtime.gateway.security.TokenVerifier.Outcome;
import io.lqrealtime.gateway.session.ChannelPresence.Connected;
import io.lqrealtime.gateway.tenant.Tenants.Seat;
import io.lqrealtime.gateway.websocket.FrameEncoder;
import io.lqrealtime.id.Channel;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
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
  private final RateGuard rates;
  private final List<Subscription> subscriptions = new ArrayList<>(1);

  private final long connectedAt;
  private Principal principal;
  // What a client that only listens does not need.
  private @Nullable Publishing publishing;
  private @Nullable Questions questions;
  private @Nullable ErrorLimit errors;

  private int behind;
  private int expected;
  private int first;
  private volatile boolean ended;
  private boolean refreshing;

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
    this.rates = new RateGuard(services, reads, ioThread);
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
    Optional<Subscription> found = find(channel);
    found.ifPresent(subscription -> end(subscription, "ended by an operator or backend"));
    return found.isPresent();
  }

  /** A whole text message of the client; the slice is not kept. */
  public void onText(byte[] buffer, int offset, int length) {
    services.metrics().frameReceived();
    if (errors != null && errors.isOver()) {
      return;
    }
    ClientFrame frame = ClientFrameParser.parse(buffer, offset, length);
    if (rates.take(length) instanceof Decision.Waits waits) {
      overRate(
          frame.id(),
          Optional.empty(),
          waits.forBytes() ? Limit.CONNECTION_BYTES : Limit.CONNECTION_MESSAGES,
          waits);
      return;
    }
    switch (frame) {
      case ClientFrame.Ping ping -> pong(ping);
      case ClientFrame.Publish publish -> publishing().publish(principal, publish);
      case ClientFrame.Subscribe subscribe -> subscribe(subscribe);
      case ClientFrame.Unsubscribe unsubscribe -> unsubscribe(unsubscribe);
      case ClientFrame.Presence presence -> questions().ask(principal, presence);
      case ClientFrame.History history -> questions().ask(principal, history);
      case ClientFrame.Refresh refresh -> refresh(refresh);
      case ClientFrame.Rejected rejected ->
          error(rejected.id(), rejected.channel(), rejected.code(), rejected.message());
    }
  }

  private void pong(ClientFrame.Ping ping) {
    byte[] pong = ServerFrames.pong(ping.id(), ping.payload());
    if (link.mayAnswer(pong.length)) {
      send(pong);
      isAnswered(pong.length);
    } else {
      error(ping.id(), Optional.empty(), ErrorCode.UNAVAILABLE, "no memory for so large an answer");
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
    for (Subscription subscription : subscriptions) {
      leave(subscription);
    }
    subscriptions.clear();
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

  /** Whose connection this is, unless it has ended. */
  public Optional<Connected> connected() {
    return ended ? Optional.empty() : Optional.of(who());
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

  /** Queues an encoded frame whatever there is. */
  void push(byte[] frame) {
    link.send(frame);
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

  /** Counts the subscriptions that are behind. */
  void behind(int change) {
    behind += change;
    if (behind == 0) {
      link.hasSeenAll();
    }
  }

  /** Whether a subscription is behind, so that there is more to send than what is queued. */
  public boolean isBehind() {
    return behind > 0;
  }

  /**
   * There is room for frames again: subscriptions that are behind go on, each first in its turn.
   */
  public void onRoom() {
    if (questions != null) {
      questions.next();
    }
    advance();
  }

  /** Sends what the client is behind by, in its tenant's turn. What does not come to it waits. */
  @Override
  public boolean takeTurn() {
    advance();
    return false;
  }

  private void advance() {
    first++;
    // What an advance sends may end the session, and then the list is empty.
    for (int i = 0; i < subscriptions.size() && behind > 0; i++) {
      table.advance(subscriptions.get(Math.floorMod(first + i, subscriptions.size())));
    }
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

  /**
   * Tells the client where a subscription stands: it has been asked for, or retention has overtaken
   * it.
   *
   * @param oldest the earliest position that is retained, if what the client asked for is not
   */
  void subscribed(Subscription subscription, String position, Optional<String> oldest) {
    if (subscription.isCompanion) {
      return;
    }
    Optional<String> requestId = subscription.requestId;
    subscription.requestId = Optional.empty();
    TenantChannel channel = subscription.channel.name;
    if (subscription.joinedAt == Subscription.NOT_JOINED) {
      subscription.joinedAt = services.clock().millis();
      // Before the answer: that may find that the client is gone, and its end has to undo this.
      services.presence().joined(channel, id, principal.user(), subscription.joinedAt);
    }
    send(ServerFrames.subscribed(requestId, channel.channel(), position, oldest.isEmpty(), oldest));
    if (subscription.watches && subscription.companion == null && !ended) {
      watch(subscription);
    }
  }

  /** From here on the client is told who joins and leaves; itself among them, if it just did. */
  private void watch(Subscription subscription) {
    Channel members = subscription.channel.name.channel().members();
    Subscription companion = Subscription.toCompanion(this, table.channel(name(members)));
    subscription.companion = companion;
    subscriptions.add(companion);
    table.watch(companion, subscription.channel);
  }

  /** A subscription that began in the past has come to the present. */
  void caughtUp(Subscription subscription, String position) {
    if (subscription.isCompanion) {
      return;
    }
    send(ServerFrames.live(subscription.channel.name.channel(), position));
  }

  void subscribeFailed(Subscription subscription) {
    drop(subscription);
    if (subscription.isCompanion) {
      error(
          Optional.empty(),
          subscription.channel.name.channel().audience(),
          ErrorCode.UNAVAILABLE,
          "who joins and leaves can't be told at present: subscribe again for that");
      return;
    }
    error(
        subscription.requestId,
        subscription.channel.name.channel(),
        ErrorCode.UNAVAILABLE,
        "the channel could not be subscribed in time: try again");
  }

  private void subscribe(ClientFrame.Subscribe request) {
    Channel channel = request.channel();
    if (!principal.permissions().allows(Action.SUBSCRIBE, channel)) {
      error(request.id(), channel, ErrorCode.FORBIDDEN, "not allowed to subscribe to it");
      return;
    }
    if (request.presence() && !principal.permissions().allows(Action.PRESENCE, channel)) {
      error(request.id(), channel, ErrorCode.FORBIDDEN, "not allowed to see who is there");
      return;
    }
    Optional<Subscription> former = find(channel);
    if (former.isEmpty() && hasAsManyAsItMay(request)) {
      return;
    }
    if (!seat.isOrdinarySubscribe() && seat.tenant().subscribes() instanceof Decision.Waits waits) {
      overRate(request.id(), Optional.of(channel.value()), Limit.TENANT_SUBSCRIBES, waits);
      return;
    }
    // After the rate: who asks again and again is held to it, for this refusal closes nobody.
    if (former.isEmpty() && hasTenantAsManyAsItMay(request)) {
      return;
    }
    Subscription subscription =
        new Subscription(this, table.channel(name(channel)), request.id(), request.since());
    subscription.watches = request.presence();
    subscriptions.add(subscription);
    // The new one first: the channel then never stands without a subscription in between.
    former.ifPresent(old -> succeed(old, subscription));
    table.subscribe(subscription);
    former.ifPresent(table::unsubscribe);
  }

  private boolean hasAsManyAsItMay(ClientFrame.Subscribe request) {
    int most = services.limits().maxSubscriptions();
    if (asked() < most) {
      return false;
    }
    services.metrics().limited(Limit.SUBSCRIPTIONS);
    error(
        request.id(),
        request.channel(),
        ErrorCode.LIMIT_EXCEEDED,
        "a connection has at most " + most + " subscriptions");
    return true;
  }

  private boolean hasTenantAsManyAsItMay(ClientFrame.Subscribe request) {
    if (table.hasRoomFor(name(request.channel()))) {
      return false;
    }
    services.metrics().limited(Limit.TENANT_CHANNELS);
    errorByOthers(
        request.id(),
        request.channel(),
        ErrorCode.LIMIT_EXCEEDED,
        "the tenant is subscribed to as many channels as it may have here");
    return true;
  }

  /** The former subscription falls silent, and its client stays in the channel. */
  private void succeed(Subscription old, Subscription next) {
    if (old.isPending()) {
      send(
          ServerFrames.unsubscribed(
              old.requestId, old.channel.name.channel(), Optional.of("replaced")));
    }
    next.joinedAt = old.joinedAt;
    silence(old);
  }

  private void unsubscribe(ClientFrame.Unsubscribe request) {
    Optional<Subscription> subscription = find(request.channel());
    subscription.ifPresent(
        old -> {
          if (old.isPending()) {
            send(
                ServerFrames.unsubscribed(
                    old.requestId, request.channel(), Optional.of("unsubscribed")));
          }
          drop(old);
        });
    byte[] answer = ServerFrames.unsubscribed(request.id(), request.channel(), Optional.empty());
    send(answer);
    isAnswered(answer.length);
  }

  /** The token is verified elsewhere; until that is done the former one counts. */
  private void refresh(ClientFrame.Refresh request) {
    if (refreshing) {
      services.metrics().limited(Limit.TOKENS);
      error(
          request.id(),
          Optional.empty(),
          ErrorCode.RATE_LIMITED,
          "another token of this connection is being verified");
      return;
    }
    refreshing = true;
    services
        .tokens()
        .verify(
            new Asker.Connected(tenant()),
            request.token(),
            outcome -> onIoThread(() -> refresh(request.id(), outcome)));
  }

  private void refresh(Optional<String> requestId, Optional<Outcome> outcome) {
    refreshing = false;
    if (outcome.isEmpty()) {
      services.metrics().limited(Limit.TOKENS);
      error(
          requestId,
          Optional.empty(),
          ErrorCode.UNAVAILABLE,
          "too many tokens are to be verified: try again");
      return;
    }
    switch (outcome.get()) {
      case Outcome.Refused refused -> refuseToken(requestId, refused.message());
      case Outcome.Accepted(Principal fresh) -> {
        if (!fresh.tenant().equals(principal.tenant()) || !fresh.user().equals(principal.user())) {
          refuseToken(requestId, "the token is for another tenant or user");
        } else if (fresh.expiresAt() <= principal.expiresAt()) {
          refuseToken(requestId, "the token does not expire later than the one in use");
        } else {
          principal = fresh.sharing(seat.tenant().id());
          send(ServerFrames.refreshed(requestId, fresh.expiresAt()));
          dropWhatIsNotAllowedAnyMore();
        }
      }
    }
  }

  private void refuseToken(Optional<String> requestId, String why) {
    error(requestId, Optional.empty(), ErrorCode.FORBIDDEN, why);
  }

  private void dropWhatIsNotAllowedAnyMore() {
    for (Subscription subscription : List.copyOf(subscriptions)) {
      Channel channel = subscription.channel.name.channel();
      if (subscription.phase == Subscription.Phase.ENDED) {
        continue;
      }
      if (subscription.isCompanion) {
        if (!principal.permissions().allows(Action.PRESENCE, channel.audience())) {
          drop(subscription);
          errorByOthers(
              Optional.empty(),
              channel.audience(),
              ErrorCode.FORBIDDEN,
              "not allowed to see who is there any more");
        }
      } else if (!principal.permissions().allows(Action.SUBSCRIBE, channel)) {
        end(subscription, "not allowed to subscribe to it any more");
      }
    }
  }

  /** Tells the client so: where it waits for an answer, by that. */
  private void end(Subscription subscription, String why) {
    Channel channel = subscription.channel.name.channel();
    boolean unanswered = subscription.isPending();
    drop(subscription);
    if (unanswered) {
      errorByOthers(subscription.requestId, channel, ErrorCode.FORBIDDEN, why);
    } else {
      send(ServerFrames.unsubscribed(Optional.empty(), channel, Optional.of("forbidden")));
    }
  }

  private TenantChannel name(Channel channel) {
    return new TenantChannel(principal.tenant(), channel);
  }

  /** Subscriptions that the client has asked for. */
  private int asked() {
    int asked = 0;
    for (Subscription subscription : subscriptions) {
      if (!subscription.isCompanion) {
        asked++;
      }
    }
    return asked;
  }

  /** Linear in the connection's subscriptions, which are few: a map would cost every idle one. */
  private Optional<Subscription> find(Channel channel) {
    for (Subscription subscription : subscriptions) {
      if (subscription.channel.name.channel().equals(channel)) {
        return Optional.of(subscription);
      }
    }
    return Optional.empty();
  }

  private void drop(Subscription subscription) {
    silence(subscription);
    leave(subscription);
  }

  private void silence(Subscription subscription) {
    subscriptions.remove(subscription);
    Subscription companion = subscription.companion;
    if (companion != null) {
      subscription.companion = null;
      drop(companion);
    }
    if (subscription.phase == Subscription.Phase.CATCHING_UP) {
      behind(-1);
    }
    subscription.phase = Subscription.Phase.ENDED;
  }

  private void leave(Subscription subscription) {
    table.unsubscribe(subscription);
    if (subscription.joinedAt != Subscription.NOT_JOINED) {
      services.presence().left(subscription.channel.name, id, principal.user());
    }
  }

  /**
   * Refuses a frame because others came too fast before it. Frames that were on their way when the
   * client was refused are no further fault of its own, and neither is what others of its tenant
   * do.
   */
  void overRate(
      Optional<String> requestId, Optional<String> channel, Limit limit, Decision.Waits waits) {
    boolean own = limit == Limit.CONNECTION_MESSAGES || limit == Limit.CONNECTION_BYTES;
    boolean counts = own && !rates.isResting();
    long retryAfterMillis = own ? rates.rest(waits) : restForTenant(waits);
    services.metrics().limited(limit);
    services.metrics().error(ErrorCode.RATE_LIMITED);
    send(
        ServerFrames.error(
            requestId,
            channel,
            ErrorCode.RATE_LIMITED,
            switch (limit) {
              case CONNECTION_MESSAGES, CONNECTION_BYTES -> "this connection sends too fast";
              case TENANT_SUBSCRIBES -> "the clients of this tenant subscribe too fast";
              default -> "the clients of this tenant publish too fast";
            },
            OptionalLong.of(retryAfterMillis)));
    if (counts) {
      countError();
    }
  }

  /**
   * Counts an answer that no other limit of the tenant's counts. No error where it is too much: the
   * client has its answer, and the next one only waits.
   */
  void isAnswered(int bytes) {
    if (seat.tenant().isAnswered(bytes) instanceof Decision.Waits waits) {
      services.metrics().limited(Limit.ANSWERS);
      long _ = restForTenant(waits);
    }
  }

  private long restForTenant(Decision.Waits waits) {
    seat.tenant().reachesLimit();
    return rates.restForTenant(waits);
  }

  void error(Optional<String> requestId, Channel channel, ErrorCode code, String message) {
    error(requestId, Optional.of(channel.value()), code, message);
  }

  void error(Optional<String> requestId, Optional<String> channel, ErrorCode code, String message) {
    errorByOthers(requestId, channel, code, message);
    if (code.isClientsFault()) {
      countError();
    }
  }

  /**
   * Tells the client of an error that it could not have avoided, whatever the code says: it is
   * never closed for what others do.
   */
  void errorByOthers(Optional<String> requestId, Channel channel, ErrorCode code, String message) {
    errorByOthers(requestId, Optional.of(channel.value()), code, message);
  }

  void errorByOthers(
      Optional<String> requestId, Optional<String> channel, ErrorCode code, String message) {
    services.metrics().error(code);
    send(ServerFrames.error(requestId, channel, code, message, OptionalLong.empty()));
  }

  private void countError() {
    ErrorLimit counting = errors;
    if (counting == null) {
      counting = new ErrorLimit(services.limits().maxErrorsPerMinute(), services.nanos());
      errors = counting;
    }
    counting.count(reads, ioThread, link);
  }

  private Publishing publishing() {
    Publishing existing = publishing;
    if (existing == null) {
      existing = new Publishing(this, seat.tenant(), services, reads, link);
      publishing = existing;
    }
    return existing;
  }

  private Questions questions() {
    Questions existing = questions;
    if (existing == null) {
      existing = new Questions(this, table, services, link);
      questions = existing;
    }
    return existing;
  }

  void send(byte[] json) {
    link.send(FrameEncoder.text(json, 0, json.length));
  }
}
