package io.lqrealtime.bench.faults.judge;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Tells a history by hand: writers w… and readers r…, a tenant, a channel, a clock. */
final class Story {
  static final String LOG = "local.abcdefgh.3.";
  static final String ROOM = "room.1";

  private final List<String> lines = new ArrayList<>();
  private long now = 1_790_000_000_000L;

  long now() {
    return now;
  }

  long lastLine() {
    return lines.size();
  }

  Story after(long millis) {
    now += millis;
    return this;
  }

  Story line(String client, String event, String fields) {
    lines.add(
        "{\"t\":%d,\"client\":\"%s\",\"e\":\"%s\"%s}"
            .formatted(now, client, event, fields.isEmpty() ? "" : "," + fields));
    now++;
    return this;
  }

  Story raw(String line) {
    lines.add(line);
    return this;
  }

  private static String field(String name, String value) {
    return "\"%s\":\"%s\"".formatted(name, value);
  }

  Story connect(String client, String tenant) {
    return line(client, "connect", field("tenant", tenant) + "," + field("user", client));
  }

  Story closed(String client, int code) {
    return line(client, "closed", "\"code\":" + code);
  }

  Story sent(String client, String channel, int id) {
    return line(
        client,
        "sent",
        "%s,%s,%s"
            .formatted(
                field("channel", channel),
                field("id", "m" + id),
                field("digest", client + channel + id)));
  }

  Story sent(String client, int id) {
    return sent(client, ROOM, id);
  }

  Story marker(String client, int id) {
    return line(
        client,
        "sent",
        "\"channel\":\"%s\",\"id\":\"m%d\",\"digest\":\"%s\",\"marker\":true"
            .formatted(ROOM, id, client + ROOM + id));
  }

  Story acked(String client, String channel, int id, long offset) {
    return line(
        client,
        "acked",
        "%s,%s,%s"
            .formatted(
                field("channel", channel), field("id", "m" + id), field("position", LOG + offset)));
  }

  Story acked(String client, int id, long offset) {
    return acked(client, ROOM, id, offset);
  }

  /** Sent and acked at once. */
  Story published(String client, int id, long offset) {
    return sent(client, id).acked(client, id, offset);
  }

  Story error(String client, int id, String code) {
    return line(
        client,
        "error",
        "%s,%s,%s,%s"
            .formatted(
                field("of", "publish"),
                field("channel", ROOM),
                field("id", "m" + id),
                field("code", code)));
  }

  /** Is to get the channel's messages, whatever becomes of it. */
  Story reads(String client, String tenant) {
    return line(client, "reads", field("tenant", tenant) + "," + field("channel", ROOM));
  }

  Story subscribe(String client, String since) {
    return line(client, "subscribe", field("channel", ROOM) + "," + field("since", since));
  }

  Story subscribed(String client, long offset) {
    return line(
        client,
        "subscribed",
        "%s,%s,\"recovered\":true,\"answer\":true"
            .formatted(field("channel", ROOM), field("position", LOG + offset)));
  }

  /** Reads pages of history from the earliest on. */
  Story paged(String client, long offset) {
    return subscribe(client, "earliest")
        .line(
            client,
            "subscribed",
            "%s,%s,\"recovered\":true,\"paged\":true"
                .formatted(field("channel", ROOM), field("position", LOG + offset)));
  }

  Story notRecovered(String client, long offset) {
    return line(
        client,
        "subscribed",
        "%s,%s,\"recovered\":false,\"answer\":true"
            .formatted(field("channel", ROOM), field("position", LOG + offset)));
  }

  /** Connected and subscribed, live. */
  Story reader(String client, String tenant, long offset) {
    return connect(client, tenant).subscribe(client, "").subscribed(client, offset);
  }

  /** Connected and subscribed with a position, caught up. */
  Story resumed(String client, String tenant, long since) {
    return connect(client, tenant).subscribe(client, LOG + since).subscribed(client, since);
  }

  Story live(String client, long offset) {
    return line(client, "live", field("channel", ROOM) + "," + field("position", LOG + offset));
  }

  Story received(String client, String channel, String from, int id, String digest, String at) {
    return line(
        client,
        "received",
        "%s,%s,%s,%s,%s"
            .formatted(
                field("channel", channel),
                field("from", from),
                field("id", "m" + id),
                field("digest", digest),
                field("position", at)));
  }

  Story received(String client, String from, int id, long offset) {
    return received(client, ROOM, from, id, from + ROOM + id, LOG + offset);
  }

  Story healed() {
    return line("", "healed", "");
  }

  /** Something that went well, elsewhere. */
  Story proven() {
    return connect("elsewhere", "other")
        .subscribe("elsewhere", "")
        .subscribed("elsewhere", 10)
        .published("elsewhere", 1, 11)
        .received("elsewhere", "elsewhere", 1, 11);
  }

  Verdict end() {
    return line("", "end", "").judged();
  }

  Verdict judged() {
    return judged(JudgeOptions.strict());
  }

  Verdict judged(JudgeOptions options) {
    try {
      return Judge.judge(
          new BufferedReader(new StringReader(String.join("\n", lines) + "\n")), options);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
