package io.lqrealtime.frame;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.lqrealtime.frame.ClientFrame.History;
import io.lqrealtime.frame.ClientFrame.Ping;
import io.lqrealtime.frame.ClientFrame.Presence;
import io.lqrealtime.frame.ClientFrame.Publish;
import io.lqrealtime.frame.ClientFrame.Refresh;
import io.lqrealtime.frame.ClientFrame.Rejected;
import io.lqrealtime.frame.ClientFrame.Subscribe;
import io.lqrealtime.frame.ClientFrame.Unsubscribe;
import io.lqrealtime.id.Channel;
import io.lqrealtime.id.UserId;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Whatever bytes a client sends: the parser throws nothing, takes for JSON what {@link JsonTree}
 * takes, obeys exactly the frames that the protocol's table of frames allows, and reads in them
 * what the tree says.
 */
class ClientFrameParserFuzzTest {
  private static final byte[] BEFORE = Frames.utf8("{\"type\":1");
  private static final byte[] AFTER = Frames.utf8("9\"}]}");

  @FuzzTest
  @DictionaryEntries({
    "{\"type\":\"",
    "\"ping\"",
    "\"publish\"",
    "\"subscribe\"",
    "\"unsubscribe\"",
    "\"presence\":true",
    "\"history\"",
    "\"refresh\"",
    ",\"id\":\"",
    ",\"channel\":\"room\"",
    ",\"payload\":",
    ",\"since\":\"",
    "\"earliest\"",
    ",\"limit\":",
    "{\"token\":\"a.b.c\"}",
    "\\u0000",
    "\\ud83d\\ude00",
    "\\ud800",
    "null"
  })
  void parse_agreesWithTheTree(byte[] text) {
    ClientFrame frame = parse(text);
    Optional<Map<?, ?>> members = JsonTree.of(text).flatMap(JsonTree::members);
    if (members.isEmpty()) {
      assertThat(frame).isInstanceOf(Rejected.class);
      assertThat(((Rejected) frame).message())
          .matches("not a JSON object: .*|a frame is a JSON object");
    } else {
      check(members.get(), text, frame);
    }
    if (frame instanceof Rejected rejected) {
      assertThat(answer(rejected)).isPresent();
    }
  }

  @FuzzTest
  @DictionaryEntries({"null", "true", "\"\\u0000\"", "[[[[[[[[", "]]]]]]]]", "1.5e-3", "{\"\":"})
  void isJson_agreesWithTheTree(byte[] text) {
    assertThat(JsonLimits.isJson(text)).isEqualTo(JsonTree.of(text).isPresent());
  }

  /** The text lies within others, which it could be read into if its end were not kept to. */
  private static ClientFrame parse(byte[] text) {
    byte[] buffer = Arrays.copyOf(BEFORE, BEFORE.length + text.length + AFTER.length);
    System.arraycopy(text, 0, buffer, BEFORE.length, text.length);
    System.arraycopy(AFTER, 0, buffer, BEFORE.length + text.length, AFTER.length);
    byte[] former = buffer.clone();
    ClientFrame frame = ClientFrameParser.parse(buffer, BEFORE.length, text.length);
    assertThat(buffer).isEqualTo(former);
    return frame;
  }

  private static void check(Map<?, ?> members, byte[] text, ClientFrame frame) {
    assertThat(!(frame instanceof Rejected)).isEqualTo(isAllowed(members));
    assertThat(frame.id()).isEqualTo(id(members));
    switch (frame) {
      case Ping(var _, Optional<byte[]> payload) -> {
        assertThat(payload.isPresent()).isEqualTo(members.containsKey("payload"));
        payload.ifPresent(bytes -> checkPayload(bytes, members, text));
        Map<?, ?> pong =
            JsonTree.of(ServerFrames.pong(frame.id(), payload)).orElseThrow().members().get();
        assertThat(pong.get("payload")).isEqualTo(members.get("payload"));
        assertThat(pong.get("id")).isEqualTo(members.get("id"));
      }
      case Publish(var _, var channel, byte[] payload) -> {
        assertThat(channel.value()).isEqualTo(members.get("channel"));
        checkPayload(payload, members, text);
      }
      case Subscribe(var _, var channel, var since, boolean presence) -> {
        assertThat(channel.value()).isEqualTo(members.get("channel"));
        assertThat(since).isEqualTo(since(members));
        assertThat(presence).isEqualTo(Boolean.TRUE.equals(members.get("presence")));
      }
      case Unsubscribe(var _, var channel) ->
          assertThat(channel.value()).isEqualTo(members.get("channel"));
      case Presence(var _, Channel channel) ->
          assertThat(channel.value()).isEqualTo(members.get("channel"));
      case Presence(var _, UserId user) -> {
        assertThat(members.containsKey("channel")).isFalse();
        assertThat(user.value()).isEqualTo(members.get("user"));
      }
      case History(var _, var channel, var since, int limit) -> {
        assertThat(channel.value()).isEqualTo(members.get("channel"));
        assertThat(since).isEqualTo(since(members));
        assertThat(limit).isEqualTo(limit(members).orElseThrow());
      }
      case Refresh(var _, String token) ->
          assertThat(token).isEqualTo(((Map<?, ?>) members.get("payload")).get("token"));
      case Rejected(var _, var channel, ErrorCode code, var _) -> {
        assertThat(channel)
            .isEqualTo(
                hasChannel(members)
                    ? Optional.of((String) members.get("channel"))
                    : Optional.empty());
        assertThat(code == ErrorCode.UNSUPPORTED_TYPE)
            .isEqualTo(members.get("type") instanceof String type && !isKnown(type));
      }
    }
  }

  /** Byte for byte what stood in the frame. */
  private static void checkPayload(byte[] payload, Map<?, ?> members, byte[] text) {
    assertThat(JsonTree.of(payload).orElseThrow().value()).isEqualTo(members.get("payload"));
    assertThat(new String(text, StandardCharsets.ISO_8859_1))
        .contains(new String(payload, StandardCharsets.ISO_8859_1));
  }

  /** The table of frames in the protocol. */
  private static boolean isAllowed(Map<?, ?> members) {
    boolean id = id(members).isPresent();
    boolean idOrNone = id || !members.containsKey("id");
    boolean channel = hasChannel(members);
    boolean since = !members.containsKey("since") || since(members).isPresent();
    boolean presence =
        !members.containsKey("presence") || members.get("presence") instanceof Boolean;
    boolean payload = members.containsKey("payload");
    boolean token =
        members.get("payload") instanceof Map<?, ?> inner && inner.get("token") instanceof String;
    return members.get("type") instanceof String type
        && switch (type) {
          case "ping" -> idOrNone;
          case "publish" -> idOrNone && channel && payload;
          case "subscribe" -> idOrNone && channel && since && presence;
          case "unsubscribe" -> idOrNone && channel;
          case "presence" -> id && (channel || !members.containsKey("channel") && hasUser(members));
          case "history" -> id && channel && since && limit(members).isPresent();
          case "refresh" -> idOrNone && token;
          default -> false;
        };
  }

  private static boolean isKnown(String type) {
    return type.matches("ping|publish|subscribe|unsubscribe|presence|history|refresh");
  }

  private static Optional<String> id(Map<?, ?> members) {
    return members.get("id") instanceof String id
            && StandardCharsets.UTF_8.newEncoder().canEncode(id)
            && !id.isEmpty()
            && id.codePointCount(0, id.length()) <= 128
        ? Optional.of(id)
        : Optional.empty();
  }

  private static boolean hasChannel(Map<?, ?> members) {
    return members.get("channel") instanceof String channel
        && channel.matches("[A-Za-z0-9_.:=@,#/-]{1,200}");
  }

  private static boolean hasUser(Map<?, ?> members) {
    return members.get("user") instanceof String user
        && StandardCharsets.UTF_8.newEncoder().canEncode(user)
        && user.codePoints().noneMatch(Character::isISOControl)
        && !user.isEmpty()
        && user.codePointCount(0, user.length()) <= 200;
  }

  private static Optional<Since> since(Map<?, ?> members) {
    try {
      return members.get("since") instanceof String text
          ? Optional.of(Since.parse(text))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static OptionalInt limit(Map<?, ?> members) {
    if (!members.containsKey("limit")) {
      return OptionalInt.of(100);
    }
    // As every JSON parser that reads numbers as JavaScript does.
    double limit =
        members.get("limit") instanceof JsonTree.Numeral(String text)
            ? Double.parseDouble(text)
            : Double.NaN;
    return limit >= 1 && limit <= 1000 && limit % 1 == 0
        ? OptionalInt.of((int) limit)
        : OptionalInt.empty();
  }

  private static Optional<JsonTree> answer(Rejected rejected) {
    return JsonTree.of(
        ServerFrames.error(
            rejected.id(),
            rejected.channel(),
            rejected.code(),
            rejected.message(),
            OptionalLong.empty()));
  }
}
