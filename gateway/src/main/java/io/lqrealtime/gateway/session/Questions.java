package io.lqrealtime.gateway.session;

import io.lqrealtime.frame.ClientFrame;
import io.lqrealtime.frame.ErrorCode;
import io.lqrealtime.frame.ServerFrames;
import io.lqrealtime.gateway.limit.Limit;
import io.lqrealtime.gateway.limit.Throttle.Decision;
import io.lqrealtime.gateway.security.Permissions;
import io.lqrealtime.gateway.security.Permissions.Action;
import io.lqrealtime.gateway.security.Principal;
import io.lqrealtime.gateway.tenant.Tenant;
import io.lqrealtime.gateway.websocket.FrameEncoder;
import io.lqrealtime.id.Channel;
import io.lqrealtime.id.Place;
import io.lqrealtime.id.UserId;
import java.util.Optional;

/**
 * What a client asks about presence and history, whose answers come from elsewhere and may be
 * large: at most {@value #MAX_UNDER_WAY} are under way. Who has had more than the tenant's share is
 * not read from until that is made up for. Confined to the connection's I/O thread.
 */
final class Questions {
  private static final int MAX_UNDER_WAY = 8;

  private final Session session;
  private final Tenant tenant;
  private final ChannelTable table;
  private final SessionServices services;
  private final RateGuard rates;
  private int underWay;

  Questions(
      Session session,
      Tenant tenant,
      ChannelTable table,
      SessionServices services,
      RateGuard rates) {
    this.session = session;
    this.tenant = tenant;
    this.table = table;
    this.services = services;
    this.rates = rates;
  }

  void ask(Principal principal, ClientFrame.Presence request) {
    Optional<String> channel = channelOf(request.of());
    if (!allows(principal.permissions(), request.of())) {
      session.error(request.id(), channel, ErrorCode.FORBIDDEN, "not allowed to see who is there");
      return;
    }
    if (begin(request.id(), channel)) {
      services
          .presence()
          .snapshot(
              principal.tenant(),
              request.of(),
              answer -> session.onIoThread(() -> present(request, answer)));
    }
  }

  void ask(Principal principal, ClientFrame.History request) {
    Channel channel = request.channel();
    if (!principal.permissions().allows(Action.HISTORY, channel)) {
      session.error(request.id(), channel, ErrorCode.FORBIDDEN, "not allowed to read its history");
      return;
    }
    if (begin(request.id(), Optional.of(channel.value()))) {
      TenantChannel name = new TenantChannel(principal.tenant(), channel);
      new HistoryQuery(services, name, table.channel(name).partition, request)
          .ask(outcome -> session.onIoThread(() -> answer(request, outcome)));
    }
  }

  private boolean begin(Optional<String> requestId, Optional<String> channel) {
    if (underWay >= MAX_UNDER_WAY) {
      services.metrics().limited(Limit.QUERIES);
      session.error(
          requestId,
          channel,
          ErrorCode.RATE_LIMITED,
          "at most " + MAX_UNDER_WAY + " questions of a connection are answered at once");
      return false;
    }
    underWay++;
    return true;
  }

  private void present(ClientFrame.Presence request, Optional<ChannelPresence.Snapshot> answer) {
    underWay--;
    if (answer.isEmpty()) {
      session.error(
          request.id(),
          channelOf(request.of()),
          ErrorCode.UNAVAILABLE,
          "presence is unavailable: try again");
      return;
    }
    ChannelPresence.Snapshot snapshot = answer.get();
    String id = request.id().orElse("");
    byte[] json =
        switch (request.of()) {
          case Channel channel ->
              ServerFrames.presence(
                  id, channel, snapshot.connections(), snapshot.users(), snapshot.members());
          case UserId user ->
              ServerFrames.userPresence(
                  id, user, snapshot.connections(), snapshot.members(), snapshot.lastSeen());
        };
    push(FrameEncoder.text(json, 0, json.length));
  }

  private static boolean allows(Permissions permissions, Place place) {
    return switch (place) {
      case Channel channel -> permissions.allows(Action.PRESENCE, channel);
      case UserId user -> permissions.allowsPresenceOf(user);
    };
  }

  private static Optional<String> channelOf(Place place) {
    return place instanceof Channel channel ? Optional.of(channel.value()) : Optional.empty();
  }

  private void answer(ClientFrame.History request, HistoryQuery.Outcome outcome) {
    underWay--;
    switch (outcome) {
      case HistoryQuery.Outcome.Answer(byte[] frame) -> push(frame);
      case HistoryQuery.Outcome.Refused(ErrorCode code, String message) ->
          session.error(request.id(), request.channel(), code, message);
    }
  }

  private void push(byte[] frame) {
    session.push(frame);
    if (tenant.isAnswered(frame.length) instanceof Decision.Waits waits) {
      services.metrics().limited(Limit.ANSWERS);
      // No error: the question has been answered, and the next one only waits.
      long _ = rates.rest(waits);
    }
  }
}
