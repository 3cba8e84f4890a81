package io.lqrealtime.frame;

import static io.lqrealtime.frame.Frames.parse;
import static io.lqrealtime.frame.Frames.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.sym.ByteQuadsCanonicalizer;
import com.sun.management.ThreadMXBean;
import io.lqrealtime.frame.ClientFrame.Publish;
import io.lqrealtime.frame.ClientFrame.Rejected;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Field;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the names that clients make up may not do, and what the words for their senders hold. */
class JsonInputTest {
  private static final int MANY = 2_000;
  private static final int NAMES_A_FRAME = 25;

  private static byte[] frame(String names) {
    return utf8(
        "{\"type\":\"publish\",\"channel\":\"room.1\","
            + names
            + "\"payload\":{"
            + names
            + "\"\":0}}");
  }

  /** Never the same name twice, over all frames. */
  private static byte[] frameOfNewNames(int number) {
    StringBuilder names = new StringBuilder();
    for (int i = 0; i < NAMES_A_FRAME; i++) {
      String name = "n" + number + "." + i;
      names.append('"').append(name).append(i % 2 == 0 ? "" : "x".repeat(300)).append("\":1,");
    }
    return frame(names.toString());
  }

  /**
   * Names whose quads of four bytes are the same in another order, from the fourth on: Jackson's
   * hash adds those up, so that all of them collide under every seed.
   */
  private static byte[] frameOfCollidingNames() {
    StringBuilder names = new StringBuilder();
    permute(new String[] {"aaaa", "bbbb", "cccc", "dddd", "eeee", "ffff", "gggg"}, 0, names);
    return frame(names.toString());
  }

  private static void permute(String[] quads, int from, StringBuilder names) {
    if (from == quads.length) {
      names.append("\"____________").append(String.join("", quads)).append("\":1,");
      return;
    }
    for (int i = from; i < quads.length; i++) {
      swap(quads, from, i);
      permute(quads, from + 1, names);
      swap(quads, from, i);
    }
  }

  private static void swap(String[] quads, int a, int b) {
    String former = quads[a];
    quads[a] = quads[b];
    quads[b] = former;
  }

  private static ByteQuadsCanonicalizer tableOf(JsonFactory factory)
      throws ReflectiveOperationException {
    Field table = JsonFactory.class.getDeclaredField("_byteSymbolCanonicalizer");
    table.setAccessible(true);
    return (ByteQuadsCanonicalizer) table.get(factory);
  }

  private static JsonFactory factoryInUse() throws ReflectiveOperationException {
    Field factory = JsonInput.class.getDeclaredField("FACTORY");
    factory.setAccessible(true);
    return (JsonFactory) factory.get(null);
  }

  private static void readByAnotherParser(JsonFactory factory, byte[] text) throws IOException {
    try (JsonParser parser = factory.createParser(text)) {
      while (parser.nextToken() != null) {
        // On to the end, where names are shared.
      }
    }
  }

  @Test
  void read_namesMadeUpByClients_goIntoNoTable() throws Exception {
    JsonFactory usual = new JsonFactory();
    readByAnotherParser(usual, frameOfNewNames(0));
    assertThat(tableOf(usual).size()).as("what is looked at sees names").isPositive();

    for (int i = 0; i < MANY; i++) {
      assertThat(parse(frameOfNewNames(i))).isInstanceOf(Publish.class);
    }

    assertThat(tableOf(factoryInUse()).size()).isZero();
  }

  @Test
  void read_afterManyNamesOfOneClient_costsAnotherClientNoMoreThanBefore() {
    byte[] first = frameOfNewNames(-1);
    byte[] second = frameOfNewNames(-2);
    parse(first);
    long before = allocatedBy(first);
    for (int i = 0; i < MANY; i++) {
      parse(frameOfNewNames(i));
    }
    long after = allocatedBy(second);

    System.out.println("allocated for a frame: " + before + " bytes, and then " + after);
    assertThat(after).isLessThan(2 * before);
  }

  private static long allocatedBy(byte[] frame) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    ClientFrame parsed = parse(frame);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(parsed).isInstanceOf(Publish.class);
    return allocated;
  }

  @Test
  void read_namesThatCollide_areNamesAsAllOthers() {
    byte[] frame = frameOfCollidingNames();
    assertThatExceptionOfType(StreamConstraintsException.class)
        .as("they do collide")
        .isThrownBy(() -> readByAnotherParser(new JsonFactory(), frame));

    assertThat(parse(frame)).isInstanceOf(Publish.class);
    assertThat(JsonLimits.isJson(frame)).isTrue();
  }

  @Test
  void read_namesAsLongAsTheText_areTaken() {
    for (String character : new String[] {"x", "é", "😀", "\\u00e9"}) {
      String name = "\"" + character.repeat(300_000) + "\":1,";
      assertThat(parse(frame(name))).as(character).isInstanceOf(Publish.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"ping\",\"secret\":secret}",
        "{\"type\":\"ping\",\"secret\":\"secret",
        "{\"type\":\"ping\",\"secret\":\"\\secret\"}",
        "{\"type\":\"ping\",\"secret\":1.secret}",
        "{\"type\":\"ping\",\"secret\":[}",
        "{\"type\":\"ping\",\"secret\":{",
        "{\"type\":\"ping\",secret:1}",
        "{\"type\":\"ping\"}secret",
        "secret",
      })
  void read_malformed_isSaidInWordsThatHoldNothingOfTheText(String frame) {
    assertThat(parse(frame))
        .isInstanceOfSatisfying(
            Rejected.class,
            rejected ->
                assertThat(rejected.message())
                    .matches(
                        "not a JSON object: (malformed before byte \\d+|something after its end)"));
  }

  @Test
  void read_bytesThatAreNotUtf8_areSaidToBeThat() {
    byte[] frame = utf8("{\"type\":\"ping\",\"x\":\"?\"}");
    frame[frame.length - 3] = (byte) 0xFF;

    assertThat(parse(frame))
        .isInstanceOfSatisfying(
            Rejected.class,
            rejected ->
                assertThat(rejected.message())
                    .isEqualTo("not a JSON object: bytes that are not UTF-8"));
  }

  @Test
  void read_malformed_isSaidWithThePositionInTheFrame() {
    byte[] text = utf8("{\"type\":\"ping\",}");
    byte[] buffer = new byte[text.length + 40];
    System.arraycopy(text, 0, buffer, 30, text.length);

    assertThat(ClientFrameParser.parse(buffer, 30, text.length))
        .isInstanceOfSatisfying(
            Rejected.class,
            rejected -> assertThat(rejected.message()).endsWith("malformed before byte 16"));
  }
}
