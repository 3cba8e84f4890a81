package io.lqrealtime.bench.faults.client;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Reads some channels' whole history page by page, one after the other, and writes it down as if it
 * had subscribed from the earliest on: what a page says is held to the same rules as what a
 * subscription brings.
 */
final class PagingClient extends ReconnectingClient {
  private static final long ANSWER_WITHIN = TimeUnit.SECONDS.toNanos(20);
  private static final long RETRY_AFTER = TimeUnit.MILLISECONDS.toNanos(300);

  private final Deque<String> channels;
  private final int limit;
  private String since = "earliest";
  private boolean begun;
  private boolean asked;
  private long askedAt;
  private long askAt = System.nanoTime();
  private int request;

  PagingClient(
      Setting setting, String name, String tenant, long seed, List<String> channels, int limit) {
    super(setting, name, tenant, name, seed);
    this.channels = new ArrayDeque<>(channels);
    this.limit = limit;
    channels.forEach(this::noteReads);
  }

  @Override
  void connected() {
    asked = false;
  }

  @Override
  void disconnected() {}

  @Override
  void due(long now) {
    if (channels.isEmpty()) {
      return;
    }
    if (!asked && now - askAt >= 0) {
      asked = true;
      askedAt = now;
      request++;
      send(
          "{\"type\":\"history\",\"id\":\"h%d\",\"channel\":\"%s\",\"since\":\"%s\",\"limit\":%d}"
              .formatted(request, channels.getFirst(), since, limit));
    } else if (asked && now - askedAt > ANSWER_WITHIN) {
      abort("no answer to history of " + channels.getFirst());
    }
  }

  @Override
  void frame(ServerFrame frame) {
    if (channels.isEmpty() || !frame.id().equals("h" + request)) {
      return;
    }
    switch (frame.type()) {
      case "history" -> page(frame);
      case "error" -> {
        setting
            .history()
            .write(
                name,
                "error",
                json -> {
                  json.writeStringField("of", "history");
                  json.writeStringField("channel", frame.channel());
                  json.writeStringField("code", frame.code());
                });
        asked = false;
        askAt = System.nanoTime() + RETRY_AFTER;
      }
      default -> {
        // Nothing else was asked for.
      }
    }
  }

  private void page(ServerFrame page) {
    if (!begun) {
      begun = true;
      noteBegin(page.position());
    }
    for (ServerFrame message : page.messages()) {
      setting
          .history()
          .write(
              name,
              "received",
              json -> {
                json.writeStringField("channel", message.channel());
                json.writeStringField("position", message.position());
                json.writeStringField("id", message.id());
                json.writeStringField("from", message.from());
                json.writeStringField("digest", message.digest());
              });
    }
    asked = false;
    since = page.position();
    if (!page.more()) {
      channels.removeFirst();
      since = "earliest";
      begun = false;
    }
  }

  private void noteBegin(String position) {
    String channel = channels.getFirst();
    setting
        .history()
        .write(
            name,
            "subscribe",
            json -> {
              json.writeStringField("channel", channel);
              json.writeStringField("since", "earliest");
            });
    setting
        .history()
        .write(
            name,
            "subscribed",
            json -> {
              json.writeStringField("channel", channel);
              json.writeStringField("position", position);
              json.writeBooleanField("recovered", true);
              json.writeBooleanField("paged", true);
            });
  }

  synchronized boolean isDone() {
    return channels.isEmpty();
  }
}
