package io.lqrealtime.bench.faults.client;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Random;

/**
 * Payloads that no two messages share: each names its publisher, channel and sequence. Their forms
 * differ in what a careless hop would change: blanks, escapes, numbers, characters beyond ASCII.
 */
final class Payload {
  private static final String[] FORMS = {
    "{\"tenant\":\"%s\",\"publisher\":\"%s\",\"channel\":\"%s\",\"sequence\":%d,\"text\":\"%s\"}",
    "{ \"tenant\" : \"%s\", \"publisher\": \"%s\",\t\"channel\":\"%s\", \"sequence\":%d ,\"text\""
        + " :\"%s\" }",
    "{\"tenant\":\"%s\",\"publisher\":\"%s\",\"channel\":\"%s\",\"sequence\":%d,\"text\":\"%s\",\"e\":1.50e+03,\"z\":-0}",
    "{\"tenant\":\"%s\",\"publisher\":\"%s\",\"channel\":\"%s\",\"sequence\":%d,\"text\":\"%s\",\"s\":\"\\u00e9\\/"
        + " é 漢 😀\"}",
    "{\"tenant\":\"%s\",\"publisher\":\"%s\",\"channel\":\"%s\",\"sequence\":%d,\"text\":\"%s\",\"a\":[1,[2,{\"b\":null}]],\"a\":2}",
  };
  private static final String FILL = "abcdefghijklmnopqrstuvwxyz0123456789".repeat(200);

  private Payload() {}

  /** A payload of about so many bytes. */
  static String of(
      String tenant, String publisher, String channel, long sequence, int bytes, Random random) {
    String form = FORMS[random.nextInt(FORMS.length)];
    int fill = Math.clamp(bytes - 100L, 1, FILL.length());
    return form.formatted(tenant, publisher, channel, sequence, FILL.substring(0, fill));
  }

  static String digest(String payload) {
    byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
    return digest(bytes, 0, bytes.length);
  }

  /** Half of the SHA-256. */
  static String digest(byte[] bytes, int offset, int length) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update(bytes, offset, length);
      return HexFormat.of().formatHex(sha.digest(), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
