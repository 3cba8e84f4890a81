package io.lqrealtime.gateway.session;

import io.lqrealtime.frame.ClientFrame;
import io.lqrealtime.frame.ErrorCode;
import io.lqrealtime.frame.ServerFrames;
import io.lqrealtime.frame.ServerFrames.Member;
import io.lqrealtime.gateway.limit.Limit;
import io.lqrealtime.gateway.security.Permissions;
import io.lqrealtime.gateway.security.Permissions.Action;
import io.lqrealtime.gateway.security.Principal;
import io.lqrealtime.gateway.websocket.FrameEncoder;
import io.lqrealtime.id.Channel;
import io.lqrealtime.id.Place;
import io.lqrealtime.id.UserId;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.function.IntConsumer;

/**
 * What a client asks about presence and history, whose answers come from elsewhere and may be
 * large. One is under way at a time, and only once the client has taken those before it: so who
 * asks and does not read costs one answer. At most {@value #MAX_WAITING} wait for their answer. Who
 * has had more than the tenant's share is not read from for a while, and while the tenant owes for
 * more than a second of it questions are refused, those that wait too.
 *
 * <p>Bytes for an answer are set aside when it is asked for. While what waits for all clients has
 * used up its budget that is little, and answers are shorter: pages of history end sooner, and
 * fewer members are listed.
 *
 * <p>An answer needs what its question needed: a newer token that allows less counts for questions
 * under way too.
 *
 * <p>Confined to the connection's I/O thread.
 */
final class Questions {
  private static final int MAX_WAITING = 8;

  /** About what the longest list of members takes. */
  private static final int MEMBERS_BYTES = 128 * 1024;

  /** Members that fit in the least that is set aside. */
  private static final int FEW_MEMBERS = 100;

  private final Session session;
  private final Answers answers;
  private final ChannelTable table;
  private final SessionServices services;
  private final ClientLink link;
  private final Queue<Question> waiting = new ArrayDeque<>(1);
  private boolean underWay;

  /** Something to be asked elsewhere, for an answer of so many bytes at the most. */
  private record Question(
      Optional<String> requestId, Optional<String> channel, int mostBytes, IntConsumer ask) {}

  Questions(
      Session session,
      Answers answers,
      ChannelTable table,
      SessionServices services,
      ClientLink link) {
    this.session = session;
    this.answers = answers;
    this.table = table;
    this.services = services;
    this.link = link;
  }

  void ask(Principal principal, ClientFrame.Presence request) {
    Optional<String> channel = channelOf(request.of());
    if (!allows(principal.permissions(), request.of())) {
      answers.error(request.id(), channel, ErrorCode.FORBIDDEN, "not allowed to see who is there");
      return;
    }
    ask(
        new Question(
            request.id(),
            channel,
            MEMBERS_BYTES,
            bytes ->
                services
                    .presence()
                    .snapshot(
                        principal.tenant(),
                        request.of(),
                        answer -> answered(bytes, () -> present(request, bytes, answer)))));
  }

  void ask(Principal principal, ClientFrame.History request) {
    Channel channel = request.channel();
    if (!principal.permissions().allows(Action.HISTORY, channel)) {
      answers.error(request.id(), channel, ErrorCode.FORBIDDEN, "not allowed to read its history");
      return;
    }
    TenantChannel name = new TenantChannel(principal.tenant(), channel);
    ask(
        new Question(
            request.id(),
            Optional.of(channel.value()),
            HistoryQuery.MAX_PAGE_BYTES,
            bytes ->
                new HistoryQuery(
                        services, session, name, table.channel(name).partition, request, bytes)
                    .ask(outcome -> answered(bytes, () -> answer(request, outcome)))));
  }

  private void ask(Question question) {
    if (waiting.size() + (underWay ? 1 : 0) >= MAX_WAITING) {
      services.metrics().limited(Limit.QUERIES);
      answers.error(
          question.requestId,
          question.channel,
          ErrorCode.RATE_LIMITED,
          "at most " + MAX_WAITING + " questions of a connection wait for their answer");
      return;
    }
    waiting.add(question);
    next();
  }

  /** Asks the next question, if there is room for its answer; else when there is. */
  void next() {
    while (!underWay && !waiting.isEmpty() && link.room() > 0) {
      Question question = waiting.remove();
      if (answers.mayAsk(question.requestId, question.channel)) {
        underWay = true;
        question.ask.accept(link.reserve(question.mostBytes));
      }
    }
  }

  private void answered(int reserved, Runnable answer) {
    session.onIoThread(
        reserved,
        () -> {
          underWay = false;
          answer.run();
          next();
        });
  }

  private void present(
      ClientFrame.Presence request, int bytes, Optional<ChannelPresence.Snapshot> answer) {
    if (!allows(session.principal().permissions(), request.of())) {
      answers.errorByOthers(
          request.id(),
          channelOf(request.of()),
          ErrorCode.FORBIDDEN,
          "not allowed to see who is there any more");
      return;
    }
    if (answer.isEmpty()) {
      answers.error(
          request.id(),
          channelOf(request.of()),
          ErrorCode.UNAVAILABLE,
          "presence is unavailable: try again");
      return;
    }
    ChannelPresence.Snapshot snapshot = answer.get();
    List<Member> members = snapshot.members();
    if (bytes < MEMBERS_BYTES && members.size() > FEW_MEMBERS) {
      members = members.subList(0, FEW_MEMBERS);
    }
    String id = request.id().orElse("");
    byte[] json =
        switch (request.of()) {
          case Channel channel ->
              ServerFrames.presence(id, channel, snapshot.connections(), snapshot.users(), members);
          case UserId user ->
              ServerFrames.userPresence(
                  id, user, snapshot.connections(), members, snapshot.lastSeen());
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
    if (!session.principal().permissions().allows(Action.HISTORY, request.channel())) {
      answers.errorByOthers(
          request.id(),
          request.channel(),
          ErrorCode.FORBIDDEN,
          "not allowed to read its history any more");
      return;
    }
    switch (outcome) {
      case HistoryQuery.Outcome.Answer(byte[] frame) -> push(frame);
      case HistoryQuery.Outcome.Lost(String message) ->
          answers.errorByOthers(request.id(), request.channel(), ErrorCode.BAD_REQUEST, message);
      case HistoryQuery.Outcome.Unavailable() ->
          answers.error(
              request.id(),
              request.channel(),
              ErrorCode.UNAVAILABLE,
              "history is unavailable: try again");
    }
  }

  private void push(byte[] frame) {
    answers.push(frame);
    answers.isAnswered(frame.length);
  }
}
