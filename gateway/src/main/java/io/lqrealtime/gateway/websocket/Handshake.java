package io.lqrealtime.gateway.websocket;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The server's side of the opening handshake (RFC 6455 section 4.2): whether an HTTP request is
 * one, and what its answer says. Who may connect (token, origin, capacity), and which of the
 * subprotocols is chosen, is decided elsewhere.
 *
 * <p>A request that is none is answered with 400, but for two cases that HTTP has a better answer
 * to: another method (405) and another version of the protocol (426, section 4.4). Messages name
 * the rule and repeat nothing of the request, which may carry a token. Safe for use from any
 * thread; nothing is kept.
 */
public final class Handshake {

  /** The only version there is (section 4.1). */
  public static final String VERSION = "13";

  private static final Pattern HTTP_VERSION = Pattern.compile("HTTP/1\\.[1-9]");
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final int KEY_CHARACTERS = 24;
  private static final int KEY_BYTES = 16;

  private Handshake() {}

  /** The fields of a request's header. */
  @FunctionalInterface
  public interface Headers {
    /**
     * The field's values, one for each line, without white space around them; empty if there is
     * none. Names in any case.
     */
    List<String> values(String name);
  }

  /** What the request is. */
  public sealed interface Result {}

  /**
   * The request is a handshake: to be answered with 101, {@code Upgrade: websocket}, {@code
   * Connection: Upgrade}.
   *
   * @param accept the value of {@code Sec-WebSocket-Accept}
   * @param subprotocols those that the client offered, in its order; the answer names one of them
   *     or none
   * @param deflate what the answer says in {@code Sec-WebSocket-Extensions} where the server agrees
   *     to permessage-deflate; empty if the client has offered it in no way that can be agreed to
   */
  public record Accepted(String accept, List<String> subprotocols, Optional<String> deflate)
      implements Result {
    public Accepted {
      subprotocols = List.copyOf(subprotocols);
    }

    /**
     * Without the subprotocols' names: one of them may be a client's token, which belongs into no
     * log.
     */
    @Override
    public String toString() {
      return "Accepted[subprotocols=" + subprotocols.size() + ", deflate=" + deflate + "]";
    }
  }

  /**
   * The request is no handshake, or none of this version.
   *
   * @param headers to be sent in the answer, by name
   */
  public record Rejected(int status, String message, Map<String, String> headers)
      implements Result {
    public Rejected {
      headers = Map.copyOf(headers);
    }

    private static Rejected badRequest(String message) {
      return new Rejected(400, message, Map.of());
    }
  }

  /**
   * Checks a request as section 4.2.1 says.
   *
   * @param method as in the request line
   * @param httpVersion as in the request line: {@code HTTP/1.1}
   */
  public static Result check(String method, String httpVersion, Headers headers) {
    if (!method.equals("GET")) {
      return new Rejected(405, "A WebSocket handshake is a GET request.", Map.of("Allow", "GET"));
    }
    // HTTP/2 and later have no Upgrade (RFC 9113 section 8.6): "1.1 or higher" ends before them.
    if (!HTTP_VERSION.matcher(httpVersion).matches()) {
      return Rejected.badRequest("A WebSocket handshake needs HTTP/1.1.");
    }
    if (headers.values("Host").size() != 1) {
      return Rejected.badRequest("There must be one Host header.");
    }
    if (hasContent(headers)) {
      return Rejected.badRequest("A WebSocket handshake has no content.");
    }
    if (!lists(headers.values("Upgrade"), "websocket")) {
      return Rejected.badRequest("The Upgrade header must name websocket.");
    }
    if (!lists(headers.values("Connection"), "upgrade")) {
      return Rejected.badRequest("The Connection header must name Upgrade.");
    }
    List<String> versions = headers.values("Sec-WebSocket-Version");
    if (versions.size() > 1) {
      return Rejected.badRequest("There must be one Sec-WebSocket-Version header.");
    }
    if (!versions.contains(VERSION)) {
      return new Rejected(
          426,
          "Only version 13 of the WebSocket protocol is supported.",
          Map.of("Sec-WebSocket-Version", VERSION, "Upgrade", "websocket"));
    }
    List<String> keys = headers.values("Sec-WebSocket-Key");
    if (keys.size() != 1 || !isKey(keys.getFirst())) {
      return Rejected.badRequest(
          "There must be one Sec-WebSocket-Key header, with 16 bytes in base64.");
    }
    Optional<List<Extensions.Offer>> extensions =
        Extensions.parse(HttpText.elements(headers.values("Sec-WebSocket-Extensions")));
    if (extensions.isEmpty()) {
      return Rejected.badRequest(
          "Sec-WebSocket-Extensions must be a list of extensions with their parameters.");
    }
    return subprotocols(
        keys.getFirst(),
        headers.values("Sec-WebSocket-Protocol"),
        PerMessageDeflate.answer(extensions.get()));
  }

  /**
   * Section 4.1 item 10: a list of tokens (RFC 9110 section 5.6), in one line or several, each of
   * them once.
   */
  private static Result subprotocols(String key, List<String> lines, Optional<String> deflate) {
    Set<String> offered = new LinkedHashSet<>();
    for (String element : HttpText.elements(lines)) {
      if (!HttpText.isToken(element) || !offered.add(element)) {
        return Rejected.badRequest("Sec-WebSocket-Protocol must be a list of different tokens.");
      }
    }
    if (offered.isEmpty() && !lines.isEmpty()) {
      return Rejected.badRequest("Sec-WebSocket-Protocol must not be empty.");
    }
    return new Accepted(accept(key), List.copyOf(offered), deflate);
  }

  /** Section 4.2.2 item 5.4: what proves to the client that its handshake was understood. */
  static String accept(String key) {
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      byte[] digest = sha1.digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-1.", e);
    }
  }

  /**
   * Content of a GET has no meaning (RFC 9110 section 9.3.1), and what follows this one are frames:
   * if it had any, a proxy and this server might disagree on where these begin.
   */
  private static boolean hasContent(Headers headers) {
    return !headers.values("Transfer-Encoding").isEmpty()
        || headers.values("Content-Length").stream().anyMatch(length -> !length.equals("0"));
  }

  private static boolean isKey(String value) {
    // The decoder also takes a value without its padding, which section 4.1 does not allow.
    if (value.length() != KEY_CHARACTERS) {
      return false;
    }
    try {
      return Base64.getDecoder().decode(value).length == KEY_BYTES;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean lists(List<String> lines, String token) {
    for (String element : HttpText.elements(lines)) {
      if (element.toLowerCase(Locale.ROOT).equals(token)) {
        return true;
      }
    }
    return false;
  }
}
