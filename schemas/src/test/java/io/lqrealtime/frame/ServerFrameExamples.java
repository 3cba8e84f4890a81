package io.lqrealtime.frame;

import static io.lqrealtime.frame.Frames.utf8;

import io.lqrealtime.frame.ServerFrames.Member;
import io.lqrealtime.frame.ServerFrames.Welcome;
import io.lqrealtime.id.Channel;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.Region;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Every writer of {@link ServerFrames}, with and without what is optional. */
final class ServerFrameExamples {
  static final Channel CHANNEL = new Channel("room.1:a@b,c#d/e=f");
  static final String POSITION = "us.aaaaaaaa.1.10~eu.bbbbbbbb.2.20";
  static final String NASTY = "\"q\" \\ \n\t\u0000\u001f é 😀 \u2028\u2029 </script>";
  static final UserId USER = new UserId("o'\"brien\" 😀");
  static final ConnectionId CONNECTION = new ConnectionId("gw-0.7f3a");

  private ServerFrameExamples() {}

  /** A frame, and the name of the writer that wrote it. */
  record Example(String writer, byte[] frame) {
    @Override
    public String toString() {
      return Frames.text(frame);
    }
  }

  static List<Example> all() {
    List<Example> all = new ArrayList<>();
    all.add(
        new Example(
            "welcome",
            ServerFrames.welcome(
                new Welcome(
                    CONNECTION,
                    USER,
                    new TenantId("acme"),
                    new GatewayId("gw-0"),
                    new Region("us"),
                    25,
                    65_536))));
    all.add(new Example("pong", ServerFrames.pong(Optional.empty(), Optional.empty())));
    all.add(
        new Example("pong", ServerFrames.pong(Optional.of(NASTY), Optional.of(utf8("[1.50]")))));
    for (Optional<String> id : List.of(Optional.<String>empty(), Optional.of(NASTY))) {
      all.add(
          new Example(
              "subscribed",
              ServerFrames.subscribed(id, CHANNEL, POSITION, true, Optional.empty())));
      all.add(
          new Example(
              "subscribed",
              ServerFrames.subscribed(
                  id, CHANNEL, POSITION, false, Optional.of("us.aaaaaaaa.1.0"))));
      all.add(
          new Example(
              "subscribed",
              ServerFrames.subscribed(id, CHANNEL, "us.aaaaaaaa.1.-1", true, Optional.empty())));
      all.add(
          new Example("unsubscribed", ServerFrames.unsubscribed(id, CHANNEL, Optional.empty())));
      all.add(
          new Example("unsubscribed", ServerFrames.unsubscribed(id, CHANNEL, Optional.of(NASTY))));
      all.add(message(id, id));
      all.add(new Example("refreshed", ServerFrames.refreshed(id, 1_790_003_600)));
      for (ErrorCode code : ErrorCode.values()) {
        all.add(
            new Example(
                "error",
                ServerFrames.error(id, Optional.empty(), code, NASTY, OptionalLong.empty())));
      }
      all.add(
          new Example(
              "error",
              ServerFrames.error(
                  id,
                  Optional.of(CHANNEL.value()),
                  ErrorCode.RATE_LIMITED,
                  "slower",
                  OptionalLong.of(250))));
    }
    all.add(new Example("live", ServerFrames.live(CHANNEL, POSITION)));
    all.add(new Example("ack", ServerFrames.ack(NASTY, CHANNEL, "us.aaaaaaaa.1.10")));
    all.add(new Example("presence", ServerFrames.presence("p", CHANNEL, 0, 0, List.of())));
    all.add(
        new Example(
            "presence",
            ServerFrames.presence(
                NASTY,
                CHANNEL,
                5000,
                4000,
                List.of(
                    new Member(USER, CONNECTION, 0),
                    new Member(new UserId("b"), CONNECTION, 1_790_000_000_123L)))));
    all.add(
        new Example(
            "userPresence",
            ServerFrames.userPresence(
                NASTY, USER, 1, List.of(new Member(USER, CONNECTION, 7)), OptionalLong.empty())));
    all.add(
        new Example(
            "userPresence",
            ServerFrames.userPresence("p", USER, 0, List.of(), OptionalLong.of(8))));
    all.add(
        new Example(
            "userPresence",
            ServerFrames.userPresence("p", USER, 0, List.of(), OptionalLong.empty())));
    all.add(new Example("join", ServerFrames.join(CHANNEL, POSITION, USER, CONNECTION)));
    all.add(new Example("leave", ServerFrames.leave(CHANNEL, POSITION, USER, CONNECTION)));
    all.add(new Example("joinCounts", ServerFrames.joinCounts(CHANNEL, POSITION, 512, 498)));
    all.add(new Example("leaveCounts", ServerFrames.leaveCounts(CHANNEL, POSITION, 0, 0)));
    all.add(
        new Example(
            "history",
            ServerFrames.history("h", CHANNEL, List.of(), POSITION, false).toByteArray()));
    all.add(
        new Example(
            "history",
            ServerFrames.history(
                    NASTY,
                    CHANNEL,
                    List.of(
                        new HistoryPage.Message(
                            message(Optional.empty(), Optional.of("b")).frame(), 0),
                        new HistoryPage.Message(
                            message(Optional.of("a"), Optional.empty()).frame(), 0)),
                    POSITION,
                    true)
                .toByteArray()));
    all.add(new Example("reconnect", ServerFrames.reconnect(NASTY, 0)));
    return all;
  }

  private static Example message(Optional<String> id, Optional<String> from) {
    return new Example(
        "message",
        ServerFrames.message(
            CHANNEL, POSITION, id, from, 1_790_000_000_123L, utf8("{\"b\": 1.50, \"a\":1e400}")));
  }
}
