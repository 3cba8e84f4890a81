package io.lqrealtime.frame;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lqrealtime.frame.ClientFrame.Publish;
import io.lqrealtime.frame.ClientFrame.Rejected;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Holds the parser against Jackson's tree of the decoded text, which another of Jackson's parsers
 * reads, on texts that are damaged at random: it never throws, takes nothing for JSON that is none,
 * refuses nothing that is, and finds the same payload.
 */
class ClientFrameParserDamageTest {
  private static final JsonMapper JACKSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private static final String[] FRAMES = {
    "{\"type\":\"publish\",\"id\":\"m-1\",\"channel\":\"room.1\",\"payload\":{\"text\":\"h\\u00e9llo"
        + " 😀\",\"n\":-1.50e3,\"list\":[true,false,null,\"\"]}}",
    "{ \"payload\" : [ 0, 1.5, {} ] , \"channel\":\"room.1\", \"type\":\"publish\" }",
    "{\"type\":\"subscribe\",\"channel\":\"room.1\",\"since\":\"local.aaaaaaaa.0.5\",\"presence\":true}",
    "{\"type\":\"history\",\"id\":\"h\",\"channel\":\"room.1\",\"since\":\"2026-01-02T03:04:05.5+01:00\",\"limit\":1e2}",
    "{\"type\":\"refresh\",\"payload\":{\"x\":{\"token\":\"no\"},\"token\":\"a.b.c\"}}",
  };

  private static final String[] TEXTS = {
    "-12.50E+3",
    " 0 ",
    "\"h\\u00e9llo 😀\"",
    "[true,false , null]",
    "{\"\":{\"é\":[1,2.0]}}",
    "null",
  };

  private static final byte[] PIECES =
      "{}[]\",:0123456789-+.eE\\/utfn \n\0\u007f".getBytes(StandardCharsets.US_ASCII);

  @Test
  void parse_damagedFrames_agreesWithJackson() {
    long seed = 31337;
    Random random = new Random(seed);
    int taken = 0;
    for (int i = 0; i < 10_000; i++) {
      byte[] frame = Frames.utf8(FRAMES[i % FRAMES.length]);
      int damages = 1 + random.nextInt(3);
      for (int d = 0; d < damages; d++) {
        frame = damage(frame, random);
      }
      int before = random.nextInt(5);
      byte[] buffer = new byte[before + frame.length + random.nextInt(5)];
      random.nextBytes(buffer);
      System.arraycopy(frame, 0, buffer, before, frame.length);
      try {
        taken += check(frame, ClientFrameParser.parse(buffer, before, frame.length)) ? 1 : 0;
      } catch (RuntimeException | Error | IOException e) {
        throw new AssertionError(
            "seed "
                + seed
                + ", frame "
                + HexFormat.of().formatHex(frame)
                + " "
                + Frames.text(frame),
            e);
      }
    }
    System.out.println("seed " + seed + ": " + taken + " of 10000 damaged frames were still JSON");
    assertThat(taken).as("some damage leaves JSON behind").isGreaterThan(500);
  }

  @Test
  void isJson_damagedTexts_agreesWithJackson() {
    long seed = 271828;
    Random random = new Random(seed);
    int taken = 0;
    for (int i = 0; i < 10_000; i++) {
      byte[] text = damage(Frames.utf8(TEXTS[i % TEXTS.length]), random);
      boolean isJson = JsonLimits.isJson(text);
      taken += isJson ? 1 : 0;
      assertThat(isJson)
          .as("seed %s, text %s %s", seed, HexFormat.of().formatHex(text), Frames.text(text))
          .isEqualTo(jackson(text) != null);
    }
    System.out.println("seed " + seed + ": " + taken + " of 10000 damaged texts were still JSON");
    assertThat(taken).as("some damage leaves JSON behind").isGreaterThan(500);
  }

  /** Whether both take it for a JSON object. */
  private static boolean check(byte[] frame, ClientFrame parsed) throws IOException {
    JsonNode node = jackson(frame);
    boolean isObject = node != null && node.isObject();
    boolean refusedAsJson =
        parsed instanceof Rejected rejected
            && (rejected.message().startsWith("not a JSON object")
                || rejected.message().equals("a frame is a JSON object"));
    if (isObject == refusedAsJson) {
      throw new IllegalStateException("Jackson reads " + node + ", the parser " + parsed);
    }
    if (parsed instanceof Publish publish
        && (!JACKSON.readTree(publish.payload()).equals(node.get("payload"))
            || !JsonLimits.isJson(publish.payload())
            || !publish.channel().value().equals(node.get("channel").textValue()))) {
      throw new IllegalStateException("another payload or channel: " + parsed);
    }
    if (parsed instanceof ClientFrame.Refresh refresh
        && !refresh.token().equals(node.get("payload").get("token").textValue())) {
      throw new IllegalStateException("another token: " + parsed);
    }
    return isObject;
  }

  /** What Jackson makes of it; null where it is no JSON in UTF-8 without a byte order mark. */
  private static JsonNode jackson(byte[] frame) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(frame)).toString();
      JsonNode node = text.startsWith("\ufeff") ? null : JACKSON.readTree(text);
      return node == null || node.isMissingNode() ? null : node;
    } catch (CharacterCodingException | JsonProcessingException e) {
      return null;
    }
  }

  private static byte[] damage(byte[] frame, Random random) {
    if (frame.length == 0) {
      return frame;
    }
    int at = random.nextInt(frame.length);
    byte piece = PIECES[random.nextInt(PIECES.length)];
    return switch (random.nextInt(6)) {
      case 0 -> replaced(frame, at, at + 1, piece);
      case 1 -> replaced(frame, at, at, piece);
      case 2 -> replaced(frame, at, Math.min(frame.length, at + 1 + random.nextInt(6)));
      case 3 -> replaced(frame, at, at + 1, (byte) random.nextInt());
      case 4 -> Arrays.copyOf(frame, at);
      default -> {
        // What stood elsewhere, once more: closing brackets, names, half a character.
        int from = random.nextInt(frame.length);
        int to = Math.min(frame.length, from + random.nextInt(10));
        yield replaced(frame, at, at, Arrays.copyOfRange(frame, from, to));
      }
    };
  }

  private static byte[] replaced(byte[] bytes, int from, int to, byte... by) {
    byte[] result = new byte[bytes.length - (to - from) + by.length];
    System.arraycopy(bytes, 0, result, 0, from);
    System.arraycopy(by, 0, result, from, by.length);
    System.arraycopy(bytes, to, result, from + by.length, bytes.length - to);
    return result;
  }
}
