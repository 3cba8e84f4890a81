package io.lqrealtime.bench.client;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One opening handshake (RFC 6455 section 4.1): the request, and what to make of the answer. Of
 * HTTP it knows what a refusal needs: a body by {@code Content-Length}, in chunks, or to the end of
 * the connection, cut at {@link #LIMIT}.
 */
final class HandshakeExchange {

  /** Most bytes of an answer that are looked at. */
  static final int LIMIT = 64 << 10;

  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private final ByteBuffer request;
  private final String accept;

  HandshakeExchange(ConnectRequest to) {
    byte[] nonce = new byte[16];
    ThreadLocalRandom.current().nextBytes(nonce);
    String key = Base64.getEncoder().encodeToString(nonce);
    request = ByteBuffer.wrap(to.handshake(key).getBytes(StandardCharsets.UTF_8));
    accept = acceptFor(key);
  }

  /** What of the request is still to be written. */
  ByteBuffer request() {
    return request;
  }

  /** What the bytes so far say. */
  sealed interface Answer {

    /** More bytes are needed. */
    record Unfinished() implements Answer {}

    /** Upgraded; frames start at {@code end}. */
    record Upgraded(HandshakeResponse response, int end) implements Answer {}

    /** Another answer than 101. */
    record Other(HandshakeResponse response) implements Answer {}

    /** Not an answer to a WebSocket handshake. */
    record Invalid(String what) implements Answer {}
  }

  /**
   * @param complete whether the server has ended the connection: nothing more comes
   */
  Answer read(byte[] bytes, int from, int end, boolean complete) {
    int head = endOfHead(bytes, from, Math.min(end, from + LIMIT));
    if (head < 0) {
      if (complete) {
        return new Answer.Invalid("the connection ended before an answer");
      }
      return end - from < LIMIT
          ? new Answer.Unfinished()
          : new Answer.Invalid("an answer without an end of its headers");
    }
    String[] lines =
        new String(bytes, from, head - from, StandardCharsets.ISO_8859_1).split("\r\n", -1);
    int status = statusOf(lines[0]);
    if (status < 0) {
      return new Answer.Invalid("an answer that is not HTTP/1.1");
    }
    Map<String, String> headers = headersOf(lines);
    if (status == 101) {
      HandshakeResponse response = new HandshakeResponse(status, headers, "");
      return violation(response)
          .<Answer>map(Answer.Invalid::new)
          .orElseGet(() -> new Answer.Upgraded(response, head));
    }
    boolean enough = complete || end - from >= LIMIT;
    return body(headers, bytes, head, Math.min(end, from + LIMIT), enough)
        .<Answer>map(text -> new Answer.Other(new HandshakeResponse(status, headers, text)))
        .orElseGet(Answer.Unfinished::new);
  }

  private Optional<String> violation(HandshakeResponse response) {
    if (!response.header("upgrade").orElse("").equalsIgnoreCase("websocket")) {
      return Optional.of("101 without Upgrade: websocket");
    }
    if (!response.header("connection").orElse("").toLowerCase(Locale.ROOT).contains("upgrade")) {
      return Optional.of("101 without Connection: Upgrade");
    }
    if (!response.header("sec-websocket-accept").orElse("").equals(accept)) {
      return Optional.of("101 with a wrong Sec-WebSocket-Accept");
    }
    if (response.header("sec-websocket-extensions").isPresent()) {
      return Optional.of("an extension that was not offered");
    }
    return Optional.empty();
  }

  /** The position past the empty line; -1 where there is none yet. */
  private static int endOfHead(byte[] bytes, int from, int end) {
    for (int at = from; at + 4 <= end; at++) {
      if (bytes[at] == '\r'
          && bytes[at + 1] == '\n'
          && bytes[at + 2] == '\r'
          && bytes[at + 3] == '\n') {
        return at + 4;
      }
    }
    return -1;
  }

  private static int statusOf(String line) {
    if (!line.startsWith("HTTP/1.1 ") || line.length() < 12) {
      return -1;
    }
    String digits = line.substring(9, 12);
    return digits.chars().allMatch(c -> c >= '0' && c <= '9') ? Integer.parseInt(digits) : -1;
  }

  private static Map<String, String> headersOf(String[] lines) {
    Map<String, String> headers = new HashMap<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      if (colon > 0) {
        String name = lines[i].substring(0, colon).trim().toLowerCase(Locale.ROOT);
        headers.merge(name, lines[i].substring(colon + 1).trim(), (a, b) -> a + ", " + b);
      }
    }
    return headers;
  }

  private static Optional<String> body(
      Map<String, String> headers, byte[] bytes, int from, int end, boolean enough) {
    if (headers.getOrDefault("transfer-encoding", "").toLowerCase(Locale.ROOT).contains("chunk")) {
      return chunks(new String(bytes, from, end - from, StandardCharsets.ISO_8859_1), enough);
    }
    String length = headers.getOrDefault("content-length", "");
    int wanted =
        length.length() < 10 && length.matches("[0-9]+")
            ? Integer.parseInt(length)
            : Integer.MAX_VALUE;
    if (end - from < wanted && !enough) {
      return Optional.empty();
    }
    return Optional.of(
        new String(bytes, from, Math.min(end - from, wanted), StandardCharsets.UTF_8));
  }

  private static Optional<String> chunks(String raw, boolean enough) {
    StringBuilder body = new StringBuilder();
    int at = 0;
    while (true) {
      int line = raw.indexOf("\r\n", at);
      if (line < 0) {
        return enough ? Optional.of(utf8(body)) : Optional.empty();
      }
      String size = raw.substring(at, line).split(";", 2)[0].trim();
      if (!size.matches("[0-9a-fA-F]{1,6}")) {
        return Optional.of(utf8(body));
      }
      int length = Integer.parseInt(size, 16);
      if (length == 0) {
        return Optional.of(utf8(body));
      }
      int start = line + 2;
      if (start + length > raw.length()) {
        return enough ? Optional.of(utf8(body.append(raw.substring(start)))) : Optional.empty();
      }
      body.append(raw, start, start + length);
      at = Math.min(raw.length(), start + length + 2);
    }
  }

  private static String utf8(CharSequence latin1) {
    return new String(
        latin1.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  private static String acceptFor(String key) {
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      return Base64.getEncoder()
          .encodeToString(sha1.digest((key + GUID).getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }
}
