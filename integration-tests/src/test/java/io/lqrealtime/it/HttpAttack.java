package io.lqrealtime.it;

import java.util.List;

/**
 * A request that no well-behaved client makes, and what is to come of it.
 *
 * @param request in Latin-1, with {@code {token}} where a valid token goes
 * @param status of the answer; 101 where the request is odd, and no more than that
 * @param code in the answer's JSON body; empty where HTTP itself is broken, or a bound of the
 *     request's head: such an answer has no body, and the connection ends
 */
record HttpAttack(String name, String request, int status, String code) {
  private static final String HOST = "Host: gateway\r\n";
  private static final String UPGRADE = "Upgrade: websocket\r\n";
  private static final String CONNECTION = "Connection: Upgrade\r\n";
  private static final String VERSION = "Sec-WebSocket-Version: 13\r\n";
  private static final String KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  private static final String TOKEN = "Authorization: Bearer {token}\r\n";
  private static final String REST = UPGRADE + CONNECTION + VERSION + KEY;
  private static final String MEGABYTE = "A".repeat(1_000_000);

  /** Longer than any token may be, and short enough for a request's head. */
  private static final String LONG_TOKEN = "a." + "A".repeat(20_000) + ".b";

  static List<HttpAttack> all() {
    return List.of(
        // Where one request ends and the next begins.
        refused("content", 400, with("Content-Length: 5\r\n") + "hello"),
        refused("content that does not come", 400, with("Content-Length: 5\r\n")),
        refused("chunked content", 400, with("Transfer-Encoding: chunked\r\n") + "0\r\n\r\n"),
        refused("a coding nobody knows", 400, with("Transfer-Encoding: nonsense\r\n")),
        refused("gzip, chunked", 400, with("Transfer-Encoding: gzip, chunked\r\n") + "0\r\n\r\n"),
        refused("100-continue", 400, with("Expect: 100-continue\r\nContent-Length: 5\r\n")),
        broken("two lengths", with("Content-Length: 5\r\nContent-Length: 6\r\n") + "hello!"),
        broken("length and chunks", with("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n")),
        broken("negative length", with("Content-Length: -1\r\n")),
        broken("length that is no number", with("Content-Length: many\r\n")),
        letIn("content of no length", with("Content-Length: 0\r\n")),

        // The handshake's own headers.
        broken("two Hosts", with(HOST)),
        broken("no Host", "GET /ws HTTP/1.1\r\n" + REST + TOKEN + "\r\n"),
        refused("two versions", 400, with(VERSION)),
        refused("two keys", 400, with(KEY)),
        letIn("Upgrade twice, as one list", with(UPGRADE)),
        version(""),
        version("0"),
        version("8"),
        version("14"),
        version("013"),
        version("13, 8"),
        version("-13"),
        key(""),
        key("AAAA"),
        key("A".repeat(24)),
        key("A".repeat(21) + "==="),
        key("A".repeat(23) + "="),
        key("!".repeat(22) + "=="),
        key("dGhlIHNhbXBsZSBub25jZQ==".repeat(100)),
        refused("HTTP/1.0", 400, line("GET /ws HTTP/1.0")),
        broken("HTTP/0.9", "GET /ws\r\n"),
        broken("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        refused("POST", 405, line("POST /ws HTTP/1.1")),
        refused("a method in lower case", 405, line("get /ws HTTP/1.1")),
        refused("another method", 405, line("BREW /ws HTTP/1.1")),

        // Other ways to write the path: one that means it comes to the same checks, others don't.
        letIn("absolute form", line("GET http://gateway/ws HTTP/1.1")),
        broken("absolute form of another host", line("GET http://evil.example/ws HTTP/1.1")),
        letIn("encoded letters", line("GET /%77%73 HTTP/1.1")),
        withoutToken("absolute form", "http://gateway/ws"),
        withoutToken("encoded letters", "/%77%73"),
        withoutToken("a parameter's other name", "/ws?TOKEN={token}&token%00={token}"),
        notFound("/ws/"),
        notFound("/ws;x=1"),
        notFound("/ws;"),
        notFound("/ws;token={token}"),
        notFound("/;x=1/ws"),
        notFound("/ws/../ws"),
        notFound("/./ws"),
        notFound("/x/../ws"),
        notFound("//ws"),
        notFound("/ws%00"),
        notFound("/ws%2f"),
        notFound("/ws/..%2fws"),
        notFound("/WS"),
        broken("control characters in a path", line("GET /ws\0 HTTP/1.1")),
        broken("a fragment", line("GET /ws#x HTTP/1.1")),
        broken("half an escape", line("GET /ws% HTTP/1.1")),
        broken("no path at all", line("GET ws HTTP/1.1")),

        // Too much of anything.
        broken("101 headers", with(headers(101))),
        broken("10,000 headers", with(headers(10_000))),
        broken("60 parameters", line("GET /ws?" + "a=1&".repeat(60) + " HTTP/1.1")),
        broken("a value of a megabyte", with("X: " + MEGABYTE + "\r\n")),
        broken("a name of a megabyte", with(MEGABYTE + ": x\r\n")),
        broken("a method of a megabyte", line(MEGABYTE + " /ws HTTP/1.1")),
        broken("a path of a megabyte", line("GET /" + MEGABYTE + " HTTP/1.1")),
        broken("a token of a megabyte, parameter", line("GET /ws?token=" + MEGABYTE + " HTTP/1.1")),
        broken("a token of a megabyte, header", authorized("Bearer " + MEGABYTE)),
        broken("a token of a megabyte, subprotocol", offering("bearer." + MEGABYTE)),
        unauthorized("a long token, parameter", anonymous("/ws?token=" + LONG_TOKEN, "")),
        unauthorized("a long token, header", authorized("Bearer " + LONG_TOKEN)),
        unauthorized("a long token, subprotocol", offering("bearer." + LONG_TOKEN)),

        // Characters that end a header for one reader and not for another.
        broken("NUL in a value", with("X: a\0b\r\n")),
        broken("NUL in a name", with("X\0Y: a\r\n")),
        broken("NUL in a token", authorized("Bearer {token}\0")),
        broken("CR in a value", with("X: a\rHost: b\r\n")),
        broken("LF in a value", with("X: a\nHost: b\r\n")),
        broken("LF at the end of each line", with("").replace("\r\n", "\n")),
        broken("a space before the colon", with("Content-Length : 5\r\n")),
        broken("a line without a colon", with("nonsense\r\n")),
        broken("a header without a name", with(": x\r\n")),
        broken("the first line folded", "GET /ws HTTP/1.1\r\n " + HOST + REST + TOKEN + "\r\n"),
        letIn("a folded line", with("X: a\r\n  b\r\n")),
        broken(
            "TLS", "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003" + "\0".repeat(99)),

        // The token in more places than one, or in none.
        unauthorized("the header twice", with(TOKEN)),
        unauthorized("header and parameter", line("GET /ws?token={token} HTTP/1.1")),
        unauthorized("header and subprotocol", with("Sec-WebSocket-Protocol: bearer.{token}\r\n")),
        unauthorized("the parameter twice", anonymous("/ws?token={token}&token={token}", "")),
        unauthorized("an empty one first", anonymous("/ws?token=&token={token}", "")),
        unauthorized("one name encoded", anonymous("/ws?token={token}&%74oken=x", "")),
        unauthorized("two subprotocols", offering("bearer.{token}, bearer.x")),
        unauthorized("another scheme", authorized("Basic {token}")),
        letIn(
            "another scheme beside the token",
            anonymous("/ws?token={token}", "Authorization: Basic eDp5\r\n")),
        unauthorized("no scheme", authorized("{token}")),
        unauthorized("two in one header", authorized("Bearer {token}, Bearer {token}")),
        refused("a subprotocol twice", 400, offering("bearer.{token}, bearer.{token}")));
  }

  private static HttpAttack refused(String name, int status, String request) {
    return new HttpAttack(name, request, status, "bad_request");
  }

  private static HttpAttack unauthorized(String name, String request) {
    return new HttpAttack(name, request, 401, "unauthorized");
  }

  private static HttpAttack broken(String name, String request) {
    return new HttpAttack(name, request, 400, "");
  }

  private static HttpAttack letIn(String name, String request) {
    return new HttpAttack(name, request, 101, "");
  }

  private static HttpAttack withoutToken(String name, String target) {
    return unauthorized(name + ", without a token", anonymous(target, ""));
  }

  private static HttpAttack notFound(String target) {
    return new HttpAttack(target, line("GET " + target + " HTTP/1.1"), 404, "not_found");
  }

  private static HttpAttack version(String version) {
    return refused(
        "version '" + version + "'",
        426,
        with("").replace(VERSION, "Sec-WebSocket-Version: " + version + "\r\n"));
  }

  private static HttpAttack key(String key) {
    return refused(
        "a key of " + key.length() + " characters",
        400,
        with("").replace(KEY, "Sec-WebSocket-Key: " + key + "\r\n"));
  }

  /** A good handshake with more headers. */
  static String with(String headers) {
    return "GET /ws HTTP/1.1\r\n" + HOST + REST + TOKEN + headers + "\r\n";
  }

  private static String line(String requestLine) {
    return requestLine + "\r\n" + HOST + REST + TOKEN + "\r\n";
  }

  private static String authorized(String how) {
    return anonymous("/ws", "Authorization: " + how + "\r\n");
  }

  private static String offering(String subprotocols) {
    return anonymous("/ws", "Sec-WebSocket-Protocol: lq.v1, " + subprotocols + "\r\n");
  }

  /** A handshake without a token, but for what is given. */
  static String anonymous(String target, String headers) {
    return "GET " + target + " HTTP/1.1\r\n" + HOST + REST + headers + "\r\n";
  }

  private static String headers(int count) {
    StringBuilder headers = new StringBuilder();
    for (int i = 0; i < count; i++) {
      headers.append("X-").append(i).append(": y\r\n");
    }
    return headers.toString();
  }

  @Override
  public String toString() {
    return name;
  }
}
