package io.lqrealtime.frame;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.async.ByteArrayFeeder;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import io.lqrealtime.text.Utf8;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * One JSON text from outside, token by token: Jackson's streaming parser over a range of bytes,
 * which also says at which byte it stands. Strict: RFC 8259, UTF-8 and nothing else, no byte order
 * mark, nested at most {@link JsonLimits#MAX_DEPTH} deep.
 *
 * <p>It is Jackson's <em>non-blocking</em> byte parser, given the whole text at once. The blocking
 * one has byte positions only together with a table of the field names it met, which all parsers of
 * a factory share: whoever makes up names would fill it, and every later frame with a new name
 * would copy it. The non-blocking one can go without. It reads nothing but UTF-8, so that no other
 * encoding is guessed. Nothing of a text is kept when it has been read, but Jackson's decoding
 * buffer: one for each thread, softly referenced, which grows with the longest name or number.
 *
 * <p>Numbers and strings are bounded by the text alone: they are walked over, not computed.
 *
 * <p>What is wrong with a text is a {@link MalformedJsonException} in words that hold nothing of
 * the text. Not safe for several threads.
 */
final class JsonInput implements AutoCloseable {
  private static final JsonFactory FACTORY =
      new JsonFactoryBuilder()
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(JsonLimits.MAX_DEPTH)
                  .maxNameLength(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          // The threads that read frames and records are few and long-lived; a shared pool would
          // have them meet at one queue for each frame.
          .recyclerPool(JsonRecyclerPools.threadLocalPool())
          .build();

  private final byte[] bytes;
  private final int offset;
  private final int end;
  private final JsonParser parser;

  /**
   * @throws MalformedJsonException if the range is not UTF-8, or starts with a byte order mark
   * @throws IndexOutOfBoundsException if the array does not hold that range
   */
  JsonInput(byte[] bytes, int offset, int length) throws MalformedJsonException {
    // One malformed byte in a frame costs every reader of the channel its connection. This parser
    // of Jackson 2.23 decodes everything and was not found to take any; nothing promises it.
    if (!Utf8.isValid(bytes, offset, length)) {
      throw new MalformedJsonException("bytes that are not UTF-8");
    }
    // Jackson would skip a byte order mark. No JSON text starts outside ASCII.
    if (length > 0 && bytes[offset] < 0) {
      throw new MalformedJsonException("malformed from its first byte");
    }
    this.bytes = bytes;
    this.offset = offset;
    this.end = offset + length;
    this.parser = open(bytes, offset, end);
  }

  private static JsonParser open(byte[] bytes, int start, int end) {
    try {
      JsonParser parser = FACTORY.createNonBlockingByteArrayParser();
      ByteArrayFeeder feeder = (ByteArrayFeeder) parser.getNonBlockingInputFeeder();
      feeder.feedInput(bytes, start, end);
      feeder.endOfInput();
      return parser;
    } catch (IOException e) {
      throw new UncheckedIOException("reading from memory", e);
    }
  }

  /** The next token; null at the end of a complete text. */
  @Nullable JsonToken next() throws MalformedJsonException {
    try {
      JsonToken token = parser.nextToken();
      // What only the end of the text completes, such as a number: asking again, it is the end.
      return token == JsonToken.NOT_AVAILABLE ? parser.nextToken() : token;
    } catch (IOException e) {
      throw malformed(e);
    }
  }

  /** The text of a name, string, number or literal, after its token. */
  String text() throws MalformedJsonException {
    try {
      return parser.getText();
    } catch (IOException e) {
      throw malformed(e);
    }
  }

  /** After the start of an object or array, goes to its end; after any other token, nothing. */
  void skipChildren() throws MalformedJsonException {
    try {
      parser.skipChildren();
    } catch (IOException e) {
      throw malformed(e);
    }
  }

  /** The index in the array of the first byte behind the token. */
  int position() {
    return offset + (int) parser.currentLocation().getByteOffset();
  }

  /**
   * After a field's name, the index in the array of its value's first byte; only if the next token
   * proves that there is a value.
   */
  int valuePosition() {
    // Jackson's own word for where a token starts is one byte late in this parser.
    int at = position();
    while (at < end && isBetweenNameAndValue(bytes[at])) {
      at++;
    }
    return at;
  }

  private static boolean isBetweenNameAndValue(byte b) {
    return b == ':' || b == ' ' || b == '\t' || b == '\n' || b == '\r';
  }

  /** Gives the parser's buffer back. */
  @Override
  public void close() {
    try {
      parser.close();
    } catch (IOException e) {
      throw new UncheckedIOException("closing what lies in memory", e);
    }
  }

  /** Jackson's messages quote the text and name Jackson's settings: not for its sender. */
  private MalformedJsonException malformed(IOException problem) {
    // The depth is the only constraint that a text in memory can meet.
    return problem instanceof StreamConstraintsException
        ? new MalformedJsonException("nested more than " + JsonLimits.MAX_DEPTH + " deep")
        : new MalformedJsonException("malformed before byte " + (position() - offset));
  }
}
