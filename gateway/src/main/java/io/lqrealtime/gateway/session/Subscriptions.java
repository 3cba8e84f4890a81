package io.lqrealtime.gateway.session;

import io.lqrealtime.frame.ClientFrame;
import io.lqrealtime.frame.ErrorCode;
import io.lqrealtime.frame.ServerFrames;
import io.lqrealtime.gateway.limit.Limit;
import io.lqrealtime.gateway.limit.Throttle.Decision;
import io.lqrealtime.gateway.security.Permissions.Action;
import io.lqrealtime.gateway.session.ChannelTable.Member;
import io.lqrealtime.gateway.tenant.Tenants.Seat;
import io.lqrealtime.id.Channel;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * What one client is subscribed to: from its frames to what it is told of each, and of those that
 * others end. Confined to the connection's I/O thread.
 */
final class Subscriptions {
  private final Session session;
  private final Answers answers;
  private final Seat seat;
  private final ChannelTable table;
  private final SessionServices services;
  private final List<Subscription> subscriptions = new ArrayList<>(1);
  private int behind;

  /** From which the next turn begins, so that each is first now and then. */
  private int first;

  Subscriptions(
      Session session, Answers answers, Seat seat, ChannelTable table, SessionServices services) {
    this.session = session;
    this.answers = answers;
    this.seat = seat;
    this.table = table;
    this.services = services;
  }

  void subscribe(ClientFrame.Subscribe request) {
    Channel channel = request.channel();
    if (!session.principal().permissions().allows(Action.SUBSCRIBE, channel)) {
      answers.error(request.id(), channel, ErrorCode.FORBIDDEN, "not allowed to subscribe to it");
      return;
    }
    if (request.presence() && !session.principal().permissions().allows(Action.PRESENCE, channel)) {
      answers.error(request.id(), channel, ErrorCode.FORBIDDEN, "not allowed to see who is there");
      return;
    }
    Optional<Subscription> former = find(channel);
    if (former.isEmpty() && hasAsManyAsItMay(request)) {
      return;
    }
    if (!seat.isOrdinarySubscribe() && seat.tenant().subscribes() instanceof Decision.Waits waits) {
      answers.overRate(request.id(), Optional.of(channel.value()), Limit.TENANT_SUBSCRIBES, waits);
      return;
    }
    // After the rate: who asks again and again is held to it, for this refusal closes nobody.
    if (former.isEmpty() && hasTenantAsManyAsItMay(request)) {
      return;
    }
    Subscription subscription =
        new Subscription(session, table.channel(name(channel)), request.id(), request.since());
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
    answers.error(
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
    answers.errorByOthers(
        request.id(),
        request.channel(),
        ErrorCode.LIMIT_EXCEEDED,
        "the tenant is subscribed to as many channels as it may have here");
    return true;
  }

  /** The former subscription falls silent, and its client stays in the channel. */
  private void succeed(Subscription old, Subscription next) {
    if (old.isPending()) {
      answers.send(
          ServerFrames.unsubscribed(
              old.requestId, old.channel.name.channel(), Optional.of("replaced")));
    }
    next.joinedAt = old.joinedAt;
    silence(old);
  }

  void unsubscribe(ClientFrame.Unsubscribe request) {
    Optional<Subscription> subscription = find(request.channel());
    subscription.ifPresent(
        old -> {
          if (old.isPending()) {
            answers.send(
                ServerFrames.unsubscribed(
                    old.requestId, request.channel(), Optional.of("unsubscribed")));
          }
          drop(old);
        });
    byte[] answer = ServerFrames.unsubscribed(request.id(), request.channel(), Optional.empty());
    answers.send(answer);
    answers.isAnswered(answer.length);
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
      services.presence().joined(channel, session.id(), session.user(), subscription.joinedAt);
    }
    answers.send(
        ServerFrames.subscribed(requestId, channel.channel(), position, oldest.isEmpty(), oldest));
    if (subscription.watches && subscription.companion == null && !session.hasEnded()) {
      watch(subscription);
    }
  }

  /** From here on the client is told who joins and leaves; itself among them, if it just did. */
  private void watch(Subscription subscription) {
    Channel members = subscription.channel.name.channel().members();
    Subscription companion = Subscription.toCompanion(session, table.channel(name(members)));
    subscription.companion = companion;
    subscriptions.add(companion);
    table.watch(companion, subscription.channel);
  }

  /** A subscription that began in the past has come to the present. */
  void caughtUp(Subscription subscription, String position) {
    if (subscription.isCompanion) {
      return;
    }
    answers.send(ServerFrames.live(subscription.channel.name.channel(), position));
  }

  void subscribeFailed(Subscription subscription) {
    drop(subscription);
    if (subscription.isCompanion) {
      answers.error(
          Optional.empty(),
          subscription.channel.name.channel().audience(),
          ErrorCode.UNAVAILABLE,
          "who joins and leaves can't be told at present: subscribe again for that");
      return;
    }
    answers.error(
        subscription.requestId,
        subscription.channel.name.channel(),
        ErrorCode.UNAVAILABLE,
        "the channel could not be subscribed in time: try again");
  }

  /** A newer token allows less than the one before. */
  void dropWhatIsNotAllowedAnyMore() {
    for (Subscription subscription : List.copyOf(subscriptions)) {
      Channel channel = subscription.channel.name.channel();
      if (subscription.phase == Subscription.Phase.ENDED) {
        continue;
      }
      if (subscription.isCompanion) {
        if (!session.principal().permissions().allows(Action.PRESENCE, channel.audience())) {
          drop(subscription);
          answers.errorByOthers(
              Optional.empty(),
              channel.audience(),
              ErrorCode.FORBIDDEN,
              "not allowed to see who is there any more");
        }
      } else if (!session.principal().permissions().allows(Action.SUBSCRIBE, channel)) {
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
      answers.errorByOthers(subscription.requestId, channel, ErrorCode.FORBIDDEN, why);
    } else {
      answers.send(ServerFrames.unsubscribed(Optional.empty(), channel, Optional.of("forbidden")));
    }
  }

  private TenantChannel name(Channel channel) {
    return new TenantChannel(session.tenant(), channel);
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
      services.presence().left(subscription.channel.name, session.id(), session.user());
    }
  }

  /** Counts the subscriptions that are behind. */
  void behind(int change) {
    behind += change;
    if (behind == 0) {
      session.hasSeenAll();
    }
  }

  /** Whether a subscription is behind, so that there is more to send than what is queued. */
  boolean isBehind() {
    return behind > 0;
  }

  /** What is behind goes on, each first in its turn. */
  void advance() {
    first++;
    // What an advance sends may end the session, and then the list is empty.
    for (int i = 0; i < subscriptions.size() && behind > 0; i++) {
      table.advance(subscriptions.get(Math.floorMod(first + i, subscriptions.size())));
    }
  }

  /**
   * Ends the subscription to a channel by somebody else's decision.
   *
   * @return whether there was one
   */
  boolean end(Channel channel) {
    Optional<Subscription> found = find(channel);
    found.ifPresent(subscription -> end(subscription, "ended by an operator or backend"));
    return found.isPresent();
  }

  /** What of the channels of some partitions the client is in. */
  List<Member> members(BitSet partitions) {
    List<Member> members = new ArrayList<>();
    for (Subscription subscription : subscriptions) {
      if (partitions.get(subscription.channel.partition)) {
        subscription.member().ifPresent(members::add);
      }
    }
    return members;
  }

  /** The client has gone. */
  void end() {
    for (Subscription subscription : subscriptions) {
      leave(subscription);
    }
    subscriptions.clear();
  }
}
