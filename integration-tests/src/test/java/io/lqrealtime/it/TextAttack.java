package io.lqrealtime.it;

import java.util.ArrayList;
import java.util.List;

/**
 * A text frame that is wrong, far too much or merely strange, and the first thing that comes of it:
 * a frame's type, an error's code, or {@code closed} with a code.
 *
 * @param text with {@code {here}} where the beginning of a position of this log goes, up to the
 *     partition
 */
record TextAttack(String name, String text, String answer) {
  private static final String PONG = "pong";
  private static final String ACK = "ack";
  private static final String SUBSCRIBED = "subscribed";
  private static final String HISTORY = "history";
  private static final String BAD = "bad_request";

  static List<TextAttack> all() {
    List<TextAttack> all = new ArrayList<>();
    all.addAll(json());
    all.addAll(channels());
    all.addAll(ids());
    all.addAll(sinces());
    all.addAll(limits());
    return all;
  }

  private static List<TextAttack> json() {
    return List.of(
        attack("no text at all", "", BAD),
        attack("a byte order mark", "\ufeff{\"type\":\"ping\"}", BAD),
        attack("NUL behind", "{\"type\":\"ping\"}\0", BAD),
        attack("a comment", "{\"type\":\"ping\"/**/}", BAD),
        attack("single quotes", "{'type':'ping'}", BAD),
        attack("a comma too many", "{\"type\":\"ping\",}", BAD),
        attack("a raw line feed in a string", "{\"type\":\"pi\nng\"}", BAD),
        attack("not a number", ping("NaN"), BAD),
        attack("infinity", ping("-Infinity"), BAD),
        attack("a leading zero", ping("01"), BAD),
        attack("an escape that is none", ping("\"\\x41\""), BAD),
        attack("half an escape", ping("\"\\u12\""), BAD),
        attack("128 levels", ping(nested(127)), PONG),
        attack("129 levels", ping(nested(128)), BAD),
        attack("129 levels where nothing is read", "{\"x\":" + nested(128) + "}", BAD),
        attack("100,000 levels", ping(nested(100_000)), BAD),
        attack("100,000 levels, left open", ping("[".repeat(100_000)), BAD),
        attack("100,000 objects, left open", "{\"a\":".repeat(100_000), BAD),
        attack("60,000 digits", ping("1" + "0".repeat(60_000)), PONG),
        attack("60,000 decimals", ping("0." + "1".repeat(60_000)), PONG),
        attack("an exponent that nothing holds", ping("1e999999999"), PONG),
        attack("60,000 keys", ping(keys(60_000)), PONG),
        attack(
            "60,000 keys beside the type", "{\"type\":\"ping\"," + keys(60_000).substring(1), PONG),
        attack("100,000 times one key", ping("{" + "\"a\":1,".repeat(100_000) + "\"a\":1}"), PONG),
        attack("a string of 900,000", ping("\"" + "x".repeat(900_000) + "\""), PONG),
        attack("a name of 900,000", "{\"" + "x".repeat(900_000) + "\":1,\"type\":\"ping\"}", PONG),
        attack("100,000 escapes", ping("\"" + "\\u0000".repeat(100_000) + "\""), PONG),
        attack("more than a frame holds", ping("\"" + "x".repeat(1 << 20) + "\""), "closed 1009"),
        attack("a type of 60,000", "{\"type\":\"" + "x".repeat(60_000) + "\"}", "unsupported_type"),
        attack("the type twice, the last a type", "{\"type\":\"shout\",\"type\":\"ping\"}", PONG),
        attack("the type twice", "{\"type\":\"ping\",\"type\":\"shout\"}", "unsupported_type"),
        attack("an escaped name", "{\"\\u0074ype\":\"ping\"}", PONG),
        attack("another case", "{\"type\":\"PING\"}", "unsupported_type"),
        attack("NUL in a type", "{\"type\":\"ping\\u0000\"}", "unsupported_type"),
        attack("a look-alike of a type", "{\"type\":\"p\u0456ng\"}", "unsupported_type"),
        attack("the server's own type", "{\"type\":\"welcome\"}", "unsupported_type"),
        attack("a name of objects' own", "{\"__proto__\":{\"x\":1},\"type\":\"ping\"}", PONG),
        attack("a payload past its bound", publish("\"" + "x".repeat(70_000) + "\""), "too_large"),
        attack("60,000 digits, published", publish("1".repeat(60_000)), ACK));
  }

  private static List<TextAttack> channels() {
    return List.of(
        channel("", BAD),
        channel(" ", BAD),
        channel("room 1", BAD),
        channel("room.1\\u0000", BAD),
        channel("room.1\\n", BAD),
        channel("\\r\\nroom", BAD),
        channel("\\u007f", BAD),
        channel("\\u0085", BAD),
        channel("{}", BAD),
        channel("{gateways}:leases", BAD),
        channel("room.*", BAD),
        channel("room?", BAD),
        channel("room.1!members", BAD),
        channel("!members", BAD),
        channel("room\\\\1", BAD),
        channel("room%2e1", BAD),
        channel("r\u043e\u043em.1", BAD),
        channel("\uff52\uff4f\uff4f\uff4d", BAD),
        channel("room\u200b.1", BAD),
        channel("\u202eroom", BAD),
        channel("\\ud800", BAD),
        channel("\ud83d\ude00", BAD),
        channel("c".repeat(201), BAD),
        channel("c".repeat(900_000), BAD),
        // Odd, and of nothing but allowed characters: names like any other.
        channel("..", SUBSCRIBED),
        channel("/", SUBSCRIBED),
        channel("../../etc/passwd", SUBSCRIBED),
        channel("members:index:1", SUBSCRIBED),
        channel("c".repeat(200), SUBSCRIBED));
  }

  private static List<TextAttack> ids() {
    return List.of(
        id("", BAD),
        id("x".repeat(129), BAD),
        id("\ud83d\ude00".repeat(129), BAD),
        id("\ud83d\ude00".repeat(128), PONG),
        id("\\ud800", BAD),
        id("\\udc00", BAD),
        id("\\udc00\\ud800", BAD),
        id("a\\ud83d", BAD),
        id("\\ud83d\\ude00", PONG),
        // Characters (Unicode code points) it is, and these are some; they come back as escapes.
        id("\\u0000", PONG),
        id("\\u001b[2J\\r\\n", PONG),
        id("\u0085\u2028\u202e", PONG));
  }

  private static List<TextAttack> sinces() {
    String farAway = "9223372036854775807";
    return List.of(
        since("", BAD),
        since(":", BAD),
        since("~", BAD),
        since("EARLIEST", BAD),
        since("latest", BAD),
        since("a.b.c.d", BAD),
        since("x".repeat(900_000), BAD),
        since("{here}.0", SUBSCRIBED),
        since("{here}.-1", SUBSCRIBED),
        since("{here}.-2", BAD),
        since("{here}.+1", BAD),
        since("{here}.01", BAD),
        since("{here}.1e3", BAD),
        since("{here}.\u0661", BAD),
        since("{here}.0~", BAD),
        since("{here}.0~{here}.0", BAD),
        since("{here}." + farAway, SUBSCRIBED),
        since("{here}.9223372036854775808", BAD),
        since("local.aaaaaaaa.2147483647." + farAway, SUBSCRIBED),
        since("local.aaaaaaaa.2147483648.0", BAD),
        since("0000-01-01T00:00:00Z", SUBSCRIBED),
        since("9999-12-31T23:59:59.999999999Z", SUBSCRIBED),
        since("99999-01-01T00:00:00Z", BAD),
        since("-2026-01-01T00:00:00Z", BAD),
        since("2026-02-30T00:00:00Z", BAD),
        since("2026-01-01T25:00:00Z", BAD),
        since("2026-01-01T00:00:00", BAD),
        since("\uff12026-01-01T00:00:00Z", BAD),
        past("{here}." + farAway, BAD),
        past("local.aaaaaaaa.0.0", BAD),
        past("9999-12-31T23:59:59.999999999Z", HISTORY),
        past("0000-01-01T00:00:00Z", HISTORY));
  }

  private static List<TextAttack> limits() {
    return List.of(
        limit("0", BAD),
        limit("-1", BAD),
        limit("1001", BAD),
        limit("1.5", BAD),
        limit("1e400", BAD),
        limit("-1e999999999", BAD),
        limit("18446744073709551617", BAD),
        limit("1" + "0".repeat(60_000), BAD),
        limit("0." + "0".repeat(60_000) + "1", BAD),
        limit("\"10\"", BAD),
        limit("null", BAD),
        limit("true", BAD),
        limit("[1]", BAD),
        limit("{}", BAD),
        limit("1e2", HISTORY),
        limit("100.0", HISTORY));
  }

  private static TextAttack attack(String name, String text, String answer) {
    return new TextAttack(name, text, answer);
  }

  private static TextAttack channel(String channel, String answer) {
    return attack(
        "channel '" + shortened(channel) + "'",
        "{\"type\":\"subscribe\",\"id\":\"a\",\"channel\":\"" + channel + "\"}",
        answer);
  }

  private static TextAttack id(String id, String answer) {
    return attack(
        "id '" + shortened(id) + "'", "{\"type\":\"ping\",\"id\":\"" + id + "\"}", answer);
  }

  private static TextAttack since(String since, String answer) {
    return attack(
        "since '" + shortened(since) + "'",
        "{\"type\":\"subscribe\",\"id\":\"a\",\"channel\":\"room.quiet\",\"since\":\""
            + since
            + "\"}",
        answer);
  }

  private static TextAttack past(String since, String answer) {
    return attack(
        "history since '" + since + "'",
        "{\"type\":\"history\",\"id\":\"a\",\"channel\":\"room.quiet\",\"since\":\""
            + since
            + "\"}",
        answer);
  }

  private static TextAttack limit(String limit, String answer) {
    return attack(
        "limit " + shortened(limit),
        "{\"type\":\"history\",\"id\":\"a\",\"channel\":\"room.1\",\"limit\":" + limit + "}",
        answer);
  }

  private static String ping(String payload) {
    return "{\"type\":\"ping\",\"payload\":" + payload + "}";
  }

  private static String publish(String payload) {
    return "{\"type\":\"publish\",\"id\":\"p\",\"channel\":\"room.1\",\"payload\":" + payload + "}";
  }

  private static String nested(int levels) {
    return "[".repeat(levels) + "]".repeat(levels);
  }

  private static String keys(int count) {
    StringBuilder object = new StringBuilder("{\"k\":0");
    for (int i = 1; i < count; i++) {
      object.append(",\"k").append(i).append("\":0");
    }
    return object.append('}').toString();
  }

  private static String shortened(String text) {
    return text.length() <= 40 ? text : text.substring(0, 8) + "…, " + text.length() + " long";
  }

  @Override
  public String toString() {
    return name;
  }
}
