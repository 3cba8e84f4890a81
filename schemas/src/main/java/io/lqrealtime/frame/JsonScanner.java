package io.lqrealtime.frame;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Walks over one JSON text of RFC 8259 in a byte array and says at which byte everything stands, so
 * that a payload can be cut out as it was sent. Strict: UTF-8 (RFC 3629) and nothing else, no byte
 * order mark, no NaN, no comments, nested at most {@link JsonLimits#MAX_DEPTH} deep.
 *
 * <p>Not Jackson's parser, for three reasons. With its symbol table that parser would keep field
 * names that clients chose in a table shared by all of them; without it, it reads through a
 * character decoder and knows no byte positions. It guesses UTF-16 and UTF-32 and skips a byte
 * order mark, so that bytes pass for JSON which spoil the text frame they are put into. And it
 * decodes what is only to be walked over.
 *
 * <p>Allocates nothing but the strings that are asked for; its recursion is bounded by the depth.
 * Not safe for several threads.
 */
final class JsonScanner {
  private final byte[] bytes;
  private final int start;
  private final int end;
  private int at;
  private int depth;
  private boolean escaped;

  JsonScanner(byte[] bytes, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    this.bytes = bytes;
    this.start = offset;
    this.end = offset + length;
    this.at = offset;
  }

  /** The index in the array of the byte that is read next. */
  int position() {
    return at;
  }

  /** Goes back to the start of a value that has been walked over. */
  void moveTo(int position) {
    at = position;
  }

  /** The first byte of what comes after white space, or -1 at the end. */
  int peek() {
    while (at < end) {
      byte b = bytes[at];
      if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
        return b;
      }
      at++;
    }
    return -1;
  }

  /** Whether the punctuation came next; it is then behind us. */
  boolean take(char punctuation) {
    if (peek() == punctuation) {
      at++;
      return true;
    }
    return false;
  }

  void expect(char punctuation) throws MalformedJsonException {
    if (!take(punctuation)) {
      throw fault("expected '" + punctuation + "'", at);
    }
  }

  /** Steps into an object or array; its members count as one level deeper until {@link #leave}. */
  void enter(char opening) throws MalformedJsonException {
    expect(opening);
    if (++depth > JsonLimits.MAX_DEPTH) {
      throw fault("nested more than " + JsonLimits.MAX_DEPTH + " deep", at - 1);
    }
  }

  void leave(char closing) throws MalformedJsonException {
    expect(closing);
    depth--;
  }

  /** Nothing but white space is left. */
  void expectEnd() throws MalformedJsonException {
    if (peek() != -1) {
      throw fault("something after the end", at);
    }
  }

  void skipValue() throws MalformedJsonException {
    int first = peek();
    switch (first) {
      case '"' -> skipString();
      case '{' -> skipObject();
      case '[' -> skipArray();
      case 't' -> skipLiteral("true");
      case 'f' -> skipLiteral("false");
      case 'n' -> skipLiteral("null");
      case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> skipNumber();
      default -> throw fault("expected a value", at);
    }
  }

  private void skipObject() throws MalformedJsonException {
    enter('{');
    if (peek() != '}') {
      do {
        skipString();
        expect(':');
        skipValue();
      } while (take(','));
    }
    leave('}');
  }

  private void skipArray() throws MalformedJsonException {
    enter('[');
    if (peek() != ']') {
      do {
        skipValue();
      } while (take(','));
    }
    leave(']');
  }

  private void skipLiteral(String literal) throws MalformedJsonException {
    for (int i = 0; i < literal.length(); i++) {
      if (at + i >= end || bytes[at + i] != literal.charAt(i)) {
        throw fault("expected " + literal, at);
      }
    }
    at += literal.length();
  }

  private void skipNumber() throws MalformedJsonException {
    if (bytes[at] == '-') {
      at++;
    }
    // No leading zeros: after one only a fraction, an exponent or the end of the number can come,
    // and whoever called refuses anything else.
    if (at < end && bytes[at] == '0') {
      at++;
    } else {
      skipDigits();
    }
    if (at < end && bytes[at] == '.') {
      at++;
      skipDigits();
    }
    if (at < end && (bytes[at] | 0x20) == 'e') {
      at++;
      if (at < end && (bytes[at] == '+' || bytes[at] == '-')) {
        at++;
      }
      skipDigits();
    }
  }

  private void skipDigits() throws MalformedJsonException {
    int first = at;
    while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
      at++;
    }
    if (at == first) {
      throw fault("expected a digit", at);
    }
  }

  /** A string's value. An escape can spell half a surrogate pair: it is left as it is. */
  String string() throws MalformedJsonException {
    peek();
    int first = at + 1;
    skipString();
    String text = new String(bytes, first, at - 1 - first, StandardCharsets.UTF_8);
    return escaped ? unescape(text) : text;
  }

  private void skipString() throws MalformedJsonException {
    expect('"');
    escaped = false;
    int i = at;
    while (i < end) {
      byte b = bytes[i];
      if (b == '"') {
        at = i + 1;
        return;
      }
      if (b == '\\') {
        escaped = true;
        i = pastEscape(i);
      } else if (b < 0) {
        i = pastCharacter(i);
      } else if (b < ' ') {
        throw fault("a control character in a string", i);
      } else {
        i++;
      }
    }
    throw fault("a string without an end", at - 1);
  }

  private int pastEscape(int backslash) throws MalformedJsonException {
    int kind = backslash + 1 < end ? bytes[backslash + 1] : -1;
    return switch (kind) {
      case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> backslash + 2;
      case 'u' -> pastHexadecimal(backslash);
      default -> throw fault("an unknown escape", backslash);
    };
  }

  private int pastHexadecimal(int backslash) throws MalformedJsonException {
    for (int i = backslash + 2; i < backslash + 6; i++) {
      if (i >= end || bytes[i] < 0 || Character.digit(bytes[i], 16) < 0) {
        throw fault("an escape without four hexadecimal digits", backslash);
      }
    }
    return backslash + 6;
  }

  /** Past a character of two to four bytes; RFC 3629, section 4, says which there are. */
  private int pastCharacter(int lead) throws MalformedJsonException {
    int first = bytes[lead] & 0xff;
    int lowest = 0x80;
    int highest = 0xbf;
    int size;
    if (first >= 0xc2 && first <= 0xdf) {
      size = 2;
    } else if (first >= 0xe0 && first <= 0xef) {
      size = 3;
      lowest = first == 0xe0 ? 0xa0 : 0x80;
      highest = first == 0xed ? 0x9f : 0xbf;
    } else if (first >= 0xf0 && first <= 0xf4) {
      size = 4;
      lowest = first == 0xf0 ? 0x90 : 0x80;
      highest = first == 0xf4 ? 0x8f : 0xbf;
    } else {
      throw fault("bytes that are not UTF-8", lead);
    }
    if (end - lead < size) {
      throw fault("bytes that are not UTF-8", lead);
    }
    int second = bytes[lead + 1] & 0xff;
    if (second < lowest || second > highest) {
      throw fault("bytes that are not UTF-8", lead);
    }
    for (int i = lead + 2; i < lead + size; i++) {
      if ((bytes[i] & 0xc0) != 0x80) {
        throw fault("bytes that are not UTF-8", lead);
      }
    }
    return lead + size;
  }

  private static String unescape(String text) {
    StringBuilder plain = new StringBuilder(text.length());
    int from = 0;
    int backslash = text.indexOf('\\');
    while (backslash >= 0) {
      plain.append(text, from, backslash);
      char kind = text.charAt(backslash + 1);
      from = backslash + 2;
      switch (kind) {
        case 'b' -> plain.append('\b');
        case 'f' -> plain.append('\f');
        case 'n' -> plain.append('\n');
        case 'r' -> plain.append('\r');
        case 't' -> plain.append('\t');
        case 'u' -> {
          plain.append((char) Integer.parseInt(text, from, from + 4, 16));
          from += 4;
        }
        default -> plain.append(kind);
      }
      backslash = text.indexOf('\\', from);
    }
    return plain.append(text, from, text.length()).toString();
  }

  private MalformedJsonException fault(String problem, int position) {
    return new MalformedJsonException(problem, position - start);
  }
}
