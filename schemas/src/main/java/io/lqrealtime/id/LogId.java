package io.lqrealtime.id;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Which incarnation of a region's inbound log a position belongs to: 40 bits of the SHA-256 of the
 * topic id that Kafka gave it, so that a log that was deleted and created again is noticed. As text
 * 8 characters of the lower-case base 32 alphabet of RFC 4648.
 *
 * @param bits the 40 bits, as an unsigned number
 */
public record LogId(long bits) {
  private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
  static final int TEXT_LENGTH = 8;
  private static final long MAX = (1L << 40) - 1;

  public LogId {
    if (bits < 0 || bits > MAX) {
      throw new IllegalArgumentException("a log id has 40 bits");
    }
  }

  /** The id of the log whose Kafka topic id, in Kafka's own text form, is {@code topicId}. */
  public static LogId ofTopicId(String topicId) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(topicId.getBytes(StandardCharsets.UTF_8));
      long bits = 0;
      for (int i = 0; i < 5; i++) {
        bits = bits << 8 | (hash[i] & 0xff);
      }
      return new LogId(bits);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /**
   * Parses the text form.
   *
   * @throws IllegalArgumentException where it is none
   */
  public static LogId parse(String text) {
    if (text.length() != TEXT_LENGTH) {
      throw new IllegalArgumentException("a log id has 8 characters");
    }
    long bits = 0;
    for (int i = 0; i < TEXT_LENGTH; i++) {
      int digit = ALPHABET.indexOf(text.charAt(i));
      if (digit < 0) {
        throw new IllegalArgumentException("a log id is written in a-z and 2-7");
      }
      bits = bits << 5 | digit;
    }
    return new LogId(bits);
  }

  @Override
  public String toString() {
    char[] text = new char[TEXT_LENGTH];
    for (int i = 0; i < TEXT_LENGTH; i++) {
      text[i] = ALPHABET.charAt((int) (bits >>> (35 - 5 * i)) & 31);
    }
    return new String(text);
  }
}
