package io.lqrealtime.frame;

import static io.lqrealtime.frame.Frames.parse;
import static io.lqrealtime.frame.Frames.text;
import static io.lqrealtime.frame.Frames.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lqrealtime.frame.ClientFrame.History;
import io.lqrealtime.frame.ClientFrame.Ping;
import io.lqrealtime.frame.ClientFrame.Presence;
import io.lqrealtime.frame.ClientFrame.Publish;
import io.lqrealtime.frame.ClientFrame.Refresh;
import io.lqrealtime.frame.ClientFrame.Rejected;
import io.lqrealtime.frame.ClientFrame.Subscribe;
import io.lqrealtime.frame.ClientFrame.Unsubscribe;
import io.lqrealtime.id.Channel;
import io.lqrealtime.id.Cursor;
import io.lqrealtime.id.UserId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientFrameParserTest {
  private static final Channel ROOM = new Channel("room.1");

  private static Rejected rejected(String frame) {
    assertThat(parse(frame)).as(frame).isInstanceOf(Rejected.class);
    return (Rejected) parse(frame);
  }

  private static Rejected badRequest(String frame) {
    Rejected rejected = rejected(frame);
    assertThat(rejected.code()).as(frame).isEqualTo(ErrorCode.BAD_REQUEST);
    assertThat(rejected.message()).isNotBlank();
    return rejected;
  }

  private static String publish(String payload) {
    return "{\"type\":\"publish\",\"channel\":\"room.1\",\"payload\":" + payload + "}";
  }

  @Test
  void parse_everyType_isItsFrame() {
    assertThat(parse("{\"type\":\"ping\"}"))
        .isEqualTo(new Ping(Optional.empty(), Optional.empty()));
    assertThat(parse("{\"type\":\"subscribe\",\"channel\":\"room.1\"}"))
        .isEqualTo(new Subscribe(Optional.empty(), ROOM, Optional.empty(), false));
    assertThat(
            parse(
                """
                {"type":"subscribe","id":"s","channel":"room.1","since":"local.aaaaaaaa.0.5","presence":true}
                """))
        .isEqualTo(
            new Subscribe(
                Optional.of("s"),
                ROOM,
                Optional.of(new Since.After(Cursor.parse("local.aaaaaaaa.0.5"))),
                true));
    assertThat(parse("{\"type\":\"unsubscribe\",\"id\":\"u\",\"channel\":\"room.1\"}"))
        .isEqualTo(new Unsubscribe(Optional.of("u"), ROOM));
    assertThat(parse("{\"type\":\"presence\",\"id\":\"p\",\"channel\":\"room.1\"}"))
        .isEqualTo(new Presence(Optional.of("p"), ROOM));
    assertThat(parse("{\"type\":\"presence\",\"id\":\"p\",\"user\":\"Ada 🦆\"}"))
        .isEqualTo(new Presence(Optional.of("p"), new UserId("Ada 🦆")));
    assertThat(parse("{\"type\":\"presence\",\"id\":\"p\",\"user\":5,\"channel\":\"room.1\"}"))
        .as("a channel goes before a user")
        .isEqualTo(new Presence(Optional.of("p"), ROOM));
    assertThat(parse("{\"type\":\"history\",\"id\":\"h\",\"channel\":\"room.1\"}"))
        .isEqualTo(new History(Optional.of("h"), ROOM, Optional.empty(), 100));
    assertThat(
            parse(
                """
                {"type":"history","id":"h","channel":"room.1","since":"2026-01-02T03:04:05Z","limit":1000}
                """))
        .isEqualTo(
            new History(
                Optional.of("h"),
                ROOM,
                Optional.of(new Since.From(Instant.parse("2026-01-02T03:04:05Z"))),
                1000));
    assertThat(parse("{\"type\":\"refresh\",\"payload\":{\"token\":\"a.b.c\"}}"))
        .isEqualTo(new Refresh(Optional.empty(), "a.b.c"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.50",
        "-0",
        "0",
        "-0.0e-0",
        "1e400",
        "1E+5",
        "123456789012345678901234567890.123456789012345678901234567890",
        "true",
        "false",
        "null",
        "\"\"",
        "\"text\"",
        "\"\\u0000\\ud800\\/\\\"\\\\\"",
        "\"}],:{[\"",
        "\"é€😀\u2028\u007f\"",
        "{}",
        "[]",
        "{ }",
        "[ \t\r\n ]",
        "{\"b\":1,\"a\":2,\"b\":3}",
        "{\"a\" : [ 1 , 2.0,3 ] ,\n\"b\":{\"type\":\"ping\",\"channel\":\"x\",\"payload\":0}}",
        "[[[[\"deep\"]]],{\"é\":null}]",
      })
  void parse_payload_isByteForByteAsItStood(String payload) {
    byte[] expected = utf8(payload);
    for (String frame :
        new String[] {
          publish(payload),
          publish(" \t\r\n" + payload + "\t "),
          "{\"payload\":" + payload + ",\"channel\":\"room.1\",\"type\":\"publish\"}",
          " { \"x\" : [\"é\"] , \"payload\" \t\r\n:"
              + payload
              + " ,\"type\":\"publish\",\"channel\":\"room.1\"} ",
        }) {
      assertThat(parse(frame)).as(frame).isInstanceOf(Publish.class);
      assertThat(((Publish) parse(frame)).payload()).as(frame).isEqualTo(expected);
      assertThat(((Publish) parse(frame)).channel()).isEqualTo(ROOM);
    }
    Ping ping = (Ping) parse("{\"type\":\"ping\",\"payload\":" + payload + "}");
    assertThat(ping.payload()).hasValueSatisfying(p -> assertThat(p).isEqualTo(expected));
  }

  @Test
  void parse_insideABiggerBuffer_readsThatRangeOnly() {
    byte[] frame = utf8(publish("{\"n\": 1.50}"));
    for (int before : new int[] {0, 1, 3, 4, 8000}) {
      byte[] buffer = new byte[before + frame.length + 50];
      Arrays.fill(buffer, (byte) '}');
      System.arraycopy(frame, 0, buffer, before, frame.length);

      ClientFrame parsed = ClientFrameParser.parse(buffer, before, frame.length);

      assertThat(text(((Publish) parsed).payload())).isEqualTo("{\"n\": 1.50}");
      assertThat(ClientFrameParser.parse(buffer, before, frame.length - 1))
          .isInstanceOf(Rejected.class);
    }
  }

  @Test
  void parse_payload_isTheFramesOwnCopy() {
    byte[] frame = utf8(publish("[1,2]"));
    Publish parsed = (Publish) parse(frame);
    Arrays.fill(frame, (byte) 'x');

    assertThat(text(parsed.payload())).isEqualTo("[1,2]");
  }

  @Test
  void parse_rangeOutsideTheBuffer_isTheCallersFault() {
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> ClientFrameParser.parse(new byte[4], 2, 3));
  }

  @Test
  void parse_repeatedFields_theLastOneCounts() {
    Publish parsed =
        (Publish)
            parse(
                """
                {"type":5,"type":"ping","payload":1,"channel":[],"id":"a","id":"b","type":"publish",
                 "channel":"room.1","payload":{"x":1}}
                """);

    assertThat(parsed.id()).contains("b");
    assertThat(text(parsed.payload())).isEqualTo("{\"x\":1}");
    assertThat(badRequest("{\"type\":\"ping\",\"id\":\"a\",\"id\":5}").id()).isEmpty();
  }

  @Test
  void parse_escapedNamesAndValues_countAsWhatTheySpell() {
    assertThat(
            parse("{\"\\u0074ype\":\"p\\u0069ng\",\"\\u0069d\":\"\\u0041\\n\\ud83d\\ude00\\/\"}"))
        .isEqualTo(new Ping(Optional.of("A\n😀/"), Optional.empty()));
  }

  @Test
  void parse_fieldsOfOtherTypesAndUnknownOnes_areIgnoredWhateverTheyHold() {
    assertThat(
            parse(
                """
                {"type":"ping","channel":5,"since":{},"presence":"x","limit":"y","x":{"type":"z"},"":1}
                """))
        .isEqualTo(new Ping(Optional.empty(), Optional.empty()));
    assertThat(
            parse("{\"type\":\"unsubscribe\",\"channel\":\"room.1\",\"limit\":0,\"since\":\"?\"}"))
        .isEqualTo(new Unsubscribe(Optional.empty(), ROOM));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "x",
        "null",
        "5",
        "\"ping\"",
        "[{\"type\":\"ping\"}]",
        "{",
        "{}",
        "{\"type\"",
        "{\"type\":",
        "{\"type\":\"ping\"",
        "{\"type\":\"ping\",}",
        "{,\"type\":\"ping\"}",
        "{\"type\":\"ping\"}{\"type\":\"ping\"}",
        "{\"type\":\"ping\"} x",
        "{\"type\":\"ping\"},",
        "{\"type\":\"ping\"}\u0000",
        "\ufeff{\"type\":\"ping\"}",
        "{\"type\":\"ping\",\"payload\":}",
        "{\"type\":\"ping\",\"payload\":01}",
        "{\"type\":\"ping\",\"payload\":1.}",
        "{\"type\":\"ping\",\"payload\":.5}",
        "{\"type\":\"ping\",\"payload\":+1}",
        "{\"type\":\"ping\",\"payload\":1e}",
        "{\"type\":\"ping\",\"payload\":NaN}",
        "{\"type\":\"ping\",\"payload\":-Infinity}",
        "{\"type\":\"ping\",\"payload\":tru}",
        "{\"type\":\"ping\",\"payload\":nulll}",
        "{\"type\":\"ping\",\"payload\":'x'}",
        "{\"type\":\"ping\",\"payload\":\"\u0000\"}",
        "{\"type\":\"ping\",\"payload\":\"\n\"}",
        "{\"type\":\"ping\",\"payload\":\"\\x41\"}",
        "{\"type\":\"ping\",\"payload\":\"\\u12g4\"}",
        "{\"type\":\"ping\",\"payload\":\"\\u12\"}",
        "{\"type\":\"ping\",\"payload\":[1,]}",
        "{\"type\":\"ping\",\"payload\":[1 2]}",
        "{\"type\":\"ping\",\"payload\":{\"a\":1,}}",
        "{\"type\":\"ping\",\"payload\":{\"a\"}}",
        "{\"type\":\"ping\",\"payload\":{a:1}}",
        "{\"type\":\"ping\",\"payload\":[}",
        "{\"type\":\"ping\",/* no */\"payload\":1}",
        "{type:\"ping\"}",
        "{\"type\":null}",
        "{\"type\":5}",
        "{\"type\":\"publish\",\"payload\":1}",
        "{\"type\":\"publish\",\"channel\":\"room.1\"}",
        "{\"type\":\"publish\",\"channel\":\"\",\"payload\":1}",
        "{\"type\":\"publish\",\"channel\":\"a b\",\"payload\":1}",
        "{\"type\":\"publish\",\"channel\":\"é\",\"payload\":1}",
        "{\"type\":\"publish\",\"channel\":\"\\ud800\",\"payload\":1}",
        "{\"type\":\"publish\",\"channel\":5,\"payload\":1}",
        "{\"type\":\"publish\",\"channel\":null,\"payload\":1}",
        "{\"type\":\"subscribe\"}",
        "{\"type\":\"subscribe\",\"channel\":\"room.1\",\"presence\":\"true\"}",
        "{\"type\":\"subscribe\",\"channel\":\"room.1\",\"presence\":1}",
        "{\"type\":\"subscribe\",\"channel\":\"room.1\",\"presence\":null}",
        "{\"type\":\"subscribe\",\"channel\":\"room.1\",\"since\":5}",
        "{\"type\":\"subscribe\",\"channel\":\"room.1\",\"since\":null}",
        "{\"type\":\"subscribe\",\"channel\":\"room.1\",\"since\":\"\"}",
        "{\"type\":\"subscribe\",\"channel\":\"room.1\",\"since\":\"yesterday\"}",
        "{\"type\":\"subscribe\",\"channel\":\"room.1\",\"since\":\"local.aaaaaaaa.0.01\"}",
        "{\"type\":\"subscribe\",\"channel\":\"room.1\",\"since\":\"2026-01-02\"}",
        "{\"type\":\"unsubscribe\",\"id\":\"1\"}",
        "{\"type\":\"presence\",\"channel\":\"room.1\"}",
        "{\"type\":\"presence\",\"id\":\"1\"}",
        "{\"type\":\"presence\",\"user\":\"bob\"}",
        "{\"type\":\"presence\",\"id\":\"1\",\"user\":\"\"}",
        "{\"type\":\"presence\",\"id\":\"1\",\"user\":5}",
        "{\"type\":\"presence\",\"id\":\"1\",\"user\":\"a\\u0000b\"}",
        "{\"type\":\"presence\",\"id\":\"1\",\"user\":\"\\ud800\"}",
        "{\"type\":\"history\",\"channel\":\"room.1\"}",
        "{\"type\":\"history\",\"id\":\"1\",\"channel\":\"room.1\",\"limit\":0}",
        "{\"type\":\"history\",\"id\":\"1\",\"channel\":\"room.1\",\"limit\":-1}",
        "{\"type\":\"history\",\"id\":\"1\",\"channel\":\"room.1\",\"limit\":1001}",
        "{\"type\":\"history\",\"id\":\"1\",\"channel\":\"room.1\",\"limit\":1.5}",
        "{\"type\":\"history\",\"id\":\"1\",\"channel\":\"room.1\",\"limit\":1e400}",
        "{\"type\":\"history\",\"id\":\"1\",\"channel\":\"room.1\",\"limit\":1e999999999}",
        "{\"type\":\"history\",\"id\":\"1\",\"channel\":\"room.1\",\"limit\":4294967297}",
        "{\"type\":\"history\",\"id\":\"1\",\"channel\":\"room.1\",\"limit\":\"5\"}",
        "{\"type\":\"history\",\"id\":\"1\",\"channel\":\"room.1\",\"limit\":null}",
        "{\"type\":\"ping\",\"id\":\"\"}",
        "{\"type\":\"ping\",\"id\":5}",
        "{\"type\":\"ping\",\"id\":null}",
        "{\"type\":\"ping\",\"id\":\"\\ud800\"}",
        "{\"type\":\"ping\",\"id\":\"\\ude00\\ud83d\"}",
        "{\"type\":\"ping\",\"id\":\"a\\ud83d\"}",
        "{\"type\":\"refresh\"}",
        "{\"type\":\"refresh\",\"payload\":null}",
        "{\"type\":\"refresh\",\"payload\":\"a.b.c\"}",
        "{\"type\":\"refresh\",\"payload\":[{\"token\":\"a.b.c\"}]}",
        "{\"type\":\"refresh\",\"payload\":{}}",
        "{\"type\":\"refresh\",\"payload\":{\"token\":5}}",
        "{\"type\":\"refresh\",\"payload\":{\"token\":null}}",
        "{\"type\":\"refresh\",\"payload\":{\"token\":\"x\",\"token\":5}}",
        "{\"type\":\"refresh\",\"payload\":{\"x\":{\"token\":\"nested\"}}}",
        "{\"type\":\"refresh\",\"payload\":[\"token\",\"x\"]}",
        "{\"type\":\"refresh\",\"payload\":{\"token\":\"a\"},\"payload\":1}",
      })
  void parse_anythingElse_isABadRequest(String frame) {
    badRequest(frame);
  }

  @Test
  void parse_limit_isAnyWholeNumberInItsBounds() {
    for (String limit : new String[] {"7", "7.0", "7e0", "0.7e1", "70E-1"}) {
      String frame =
          "{\"type\":\"history\",\"id\":\"1\",\"channel\":\"room.1\",\"limit\":" + limit + "}";
      assertThat(((History) parse(frame)).limit()).isEqualTo(7);
    }
  }

  @Test
  void parse_refreshToken_isThePayloadsOwn() {
    assertThat(
            parse(
                """
                {"payload":{"x":{"token":"deeper"},"token":"first","list":[{"token":"deeper"}],
                 "to\\u006ben":"la\\u0073t","y":["token","no"]},"type":"refresh","token":"outside"}
                """))
        .isEqualTo(new Refresh(Optional.empty(), "last"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"join", "", "Ping", "message", "pıng", "ping ", "\\u0000"})
  void parse_unknownType_isUnsupportedWhateverElseIsWrong(String type) {
    Rejected rejected =
        rejected("{\"type\":\"" + type + "\",\"id\":\"7\",\"channel\":\"room.1\",\"limit\":{}}");

    assertThat(rejected.code()).isEqualTo(ErrorCode.UNSUPPORTED_TYPE);
    assertThat(rejected.id()).contains("7");
    assertThat(rejected.channel()).contains("room.1");
  }

  @Test
  void parse_rejected_namesIdAndChannelWhereverTheyStood() {
    Rejected rejected =
        badRequest("{\"type\":\"subscribe\",\"since\":5,\"channel\":\"room.1\",\"id\":\"s-1\"}");
    assertThat(rejected.id()).contains("s-1");
    assertThat(rejected.channel()).contains("room.1");

    Rejected badChannel = badRequest("{\"channel\":\"a b\",\"type\":\"subscribe\",\"id\":\"s-2\"}");
    assertThat(badChannel.id()).contains("s-2");
    assertThat(badChannel.channel()).as("no channel's name is not repeated").isEmpty();

    Rejected broken = badRequest("{\"id\":\"s-3\",\"channel\":\"room.1\",\"type\":\"publish\",");
    assertThat(broken.id()).contains("s-3");
    assertThat(broken.channel()).contains("room.1");

    assertThat(badRequest("{\"id\":\"" + "x".repeat(129) + "\",\"type\":\"ping\"}").id()).isEmpty();
  }

  @Test
  void parse_id_has128UnicodeCharactersAtTheMost() {
    for (String character : new String[] {"x", "é", "😀", "\\ud83d\\ude00", "\\u0000"}) {
      String longest = character.repeat(128);
      assertThat(parse("{\"type\":\"ping\",\"id\":\"" + longest + "\"}")).isInstanceOf(Ping.class);
      badRequest("{\"type\":\"ping\",\"id\":\"" + longest + character + "\"}");
    }
  }

  @Test
  void parse_channel_has200CharactersAtTheMost() {
    assertThat(parse("{\"type\":\"subscribe\",\"channel\":\"" + "x".repeat(200) + "\"}"))
        .isInstanceOf(Subscribe.class);
    badRequest("{\"type\":\"subscribe\",\"channel\":\"" + "x".repeat(201) + "\"}");
  }

  @Test
  void parse_nesting_isBounded() {
    // The frame itself is one level.
    String deepest = "[".repeat(127) + "]".repeat(127);
    assertThat(parse(publish(deepest))).isInstanceOf(Publish.class);
    assertThat(badRequest(publish("[" + deepest + "]")).message()).contains("128 deep");
    badRequest(publish("[".repeat(1_000_000)));
    badRequest(publish("{\"a\":".repeat(1_000_000)));
    badRequest("{\"x\":" + "[".repeat(128) + "]".repeat(128) + ",\"type\":\"ping\"}");
    // Side by side is not nested.
    assertThat(parse(publish("[" + "[],".repeat(10_000) + "{}]"))).isInstanceOf(Publish.class);
  }

  @Test
  void parse_hugeNumbersAndStrings_areTakenAsTheyAre() {
    String number = "9".repeat(500_000) + "." + "9".repeat(500_000) + "e" + "9".repeat(1_000);
    assertThat(text(((Publish) parse(publish(number))).payload())).isEqualTo(number);
    String string = "\"" + "\\u00e9é".repeat(200_000) + "\"";
    assertThat(text(((Publish) parse(publish(string))).payload())).isEqualTo(string);
  }

  @Test
  void parse_otherEncodings_areBadRequests() {
    String frame = "{\"type\":\"ping\"}";
    for (var charset :
        new java.nio.charset.Charset[] {
          StandardCharsets.UTF_16,
          StandardCharsets.UTF_16BE,
          StandardCharsets.UTF_16LE,
          StandardCharsets.UTF_32,
          StandardCharsets.UTF_32BE,
          StandardCharsets.UTF_32LE
        }) {
      assertThat(parse(frame.getBytes(charset))).as("%s", charset).isInstanceOf(Rejected.class);
    }
  }
}
