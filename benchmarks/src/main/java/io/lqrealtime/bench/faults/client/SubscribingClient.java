package io.lqrealtime.bench.faults.client;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Subscribes to some channels, keeps the last position of each, and resumes with it after every
 * break, wherever it gets connected. Its {@link Temper} says what breaks it brings about itself.
 */
final class SubscribingClient extends ReconnectingClient {
  /** How it behaves while nothing is wrong. */
  enum Temper {
    STEADY,
    /** Leaves, vanishes, or subscribes anew, every few seconds. */
    RESTLESS,
    /** Does not read, for seconds at a time. */
    SLOW
  }

  private static final long ANSWER_WITHIN = TimeUnit.SECONDS.toNanos(20);
  private static final long RETRY_AFTER = TimeUnit.MILLISECONDS.toNanos(500);

  private enum State {
    /** To be subscribed when it is time. */
    WANTED,
    ASKED,
    SUBSCRIBED,
    /** To be subscribed again once this is answered. */
    UNSUBSCRIBING
  }

  private static final class Wish {
    final String channel;
    String since;
    State state = State.WANTED;
    long at = System.nanoTime();
    int request;

    Wish(String channel, String since) {
      this.channel = channel;
      this.since = since;
    }
  }

  private final Temper temper;
  private final Map<String, Wish> wishes = new LinkedHashMap<>();
  private long moodAt;
  private boolean reading = true;
  private boolean calm;

  /**
   * @param since where to start; empty for live
   */
  SubscribingClient(
      Setting setting,
      String name,
      String tenant,
      long seed,
      List<String> channels,
      Temper temper,
      String since) {
    super(setting, name, tenant, name, seed);
    this.temper = temper;
    for (String channel : channels) {
      wishes.put(channel, new Wish(channel, since));
      noteReads(channel);
    }
    moodAt = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(2_000 + random.nextInt(6_000));
  }

  @Override
  void connected() {
    for (Wish wish : wishes.values()) {
      subscribe(wish);
    }
  }

  @Override
  void disconnected() {
    wishes.values().forEach(wish -> wish.state = State.WANTED);
    reading = true;
  }

  private void subscribe(Wish wish) {
    wish.state = State.ASKED;
    wish.at = System.nanoTime();
    wish.request++;
    setting
        .history()
        .write(
            name,
            "subscribe",
            json -> {
              json.writeStringField("channel", wish.channel);
              json.writeStringField("since", wish.since);
            });
    String since = wish.since.isEmpty() ? "" : ",\"since\":\"%s\"".formatted(wish.since);
    send(
        "{\"type\":\"subscribe\",\"id\":\"s%d\",\"channel\":\"%s\"%s}"
            .formatted(wish.request, wish.channel, since));
  }

  @Override
  void due(long now) {
    for (Wish wish : wishes.values()) {
      if (wish.state == State.WANTED && now - wish.at >= 0) {
        subscribe(wish);
      } else if ((wish.state == State.ASKED || wish.state == State.UNSUBSCRIBING)
          && now - wish.at > ANSWER_WITHIN) {
        abort("no answer to " + wish.state + " of " + wish.channel);
        return;
      }
    }
  }

  @Override
  void mood(long now) {
    if (calm || now - moodAt < 0) {
      return;
    }
    switch (temper) {
      case STEADY -> moodAt = now + TimeUnit.DAYS.toNanos(1);
      case RESTLESS -> {
        moodAt = now + TimeUnit.MILLISECONDS.toNanos(1_500 + random.nextInt(6_000));
        switch (random.nextInt(3)) {
          case 0 -> leave();
          case 1 -> abort("vanished on purpose");
          default -> subscribeAnew();
        }
      }
      case SLOW -> {
        reading = !reading;
        int millis = reading ? 4_000 + random.nextInt(8_000) : 2_000 + random.nextInt(6_000);
        moodAt = now + TimeUnit.MILLISECONDS.toNanos(millis);
        if (reading) {
          resumeReading();
        } else {
          pauseReading();
        }
      }
    }
  }

  private void subscribeAnew() {
    for (Wish wish : wishes.values()) {
      if (wish.state == State.SUBSCRIBED && random.nextBoolean()) {
        wish.state = State.UNSUBSCRIBING;
        wish.at = System.nanoTime();
        send(
            "{\"type\":\"unsubscribe\",\"id\":\"u%d\",\"channel\":\"%s\"}"
                .formatted(wish.request, wish.channel));
      }
    }
  }

  @Override
  void frame(ServerFrame frame) {
    switch (frame.type()) {
      case "message" -> message(frame);
      case "subscribed" -> subscribed(frame);
      case "live" -> live(frame);
      case "unsubscribed" -> unsubscribed(frame);
      case "error" -> error(frame);
      case "invalid" -> setting.history().write(name, "invalid");
      default -> {
        // pong, reconnect: the close that follows is what counts.
      }
    }
  }

  private void message(ServerFrame frame) {
    setting
        .history()
        .write(
            name,
            "received",
            json -> {
              json.writeStringField("channel", frame.channel());
              json.writeStringField("position", frame.position());
              json.writeStringField("id", frame.id());
              json.writeStringField("from", frame.from());
              json.writeStringField("digest", frame.digest());
            });
    seen(frame);
  }

  private void seen(ServerFrame frame) {
    Wish wish = wishes.get(frame.channel());
    if (wish != null && !frame.position().isEmpty()) {
      wish.since = frame.position();
    }
  }

  private void subscribed(ServerFrame frame) {
    boolean answer = !frame.id().isEmpty();
    setting
        .history()
        .write(
            name,
            "subscribed",
            json -> {
              json.writeStringField("channel", frame.channel());
              json.writeStringField("position", frame.position());
              json.writeBooleanField("recovered", frame.recovered());
              json.writeStringField("oldest", frame.oldest());
              json.writeBooleanField("answer", answer);
            });
    Wish wish = wishes.get(frame.channel());
    if (wish != null && answer) {
      wish.state = State.SUBSCRIBED;
    }
    seen(frame);
  }

  private void live(ServerFrame frame) {
    setting
        .history()
        .write(
            name,
            "live",
            json -> {
              json.writeStringField("channel", frame.channel());
              json.writeStringField("position", frame.position());
            });
    seen(frame);
  }

  private void unsubscribed(ServerFrame frame) {
    setting
        .history()
        .write(name, "unsubscribed", json -> json.writeStringField("channel", frame.channel()));
    Wish wish = wishes.get(frame.channel());
    if (wish != null && wish.state == State.UNSUBSCRIBING) {
      subscribe(wish);
    }
  }

  private void error(ServerFrame frame) {
    Wish wish = wishes.get(frame.channel());
    boolean unsubscribing = wish != null && wish.state == State.UNSUBSCRIBING;
    setting
        .history()
        .write(
            name,
            "error",
            json -> {
              json.writeStringField("of", unsubscribing ? "unsubscribe" : "subscribe");
              json.writeStringField("channel", frame.channel());
              json.writeStringField("code", frame.code());
            });
    if (wish != null && wish.state == State.ASKED) {
      wish.state = State.WANTED;
      wish.at = System.nanoTime() + RETRY_AFTER + (long) (random.nextDouble() * RETRY_AFTER);
    }
  }

  /** Reads nothing until {@link #unblock}, on this connection. */
  synchronized void block() {
    reading = false;
    moodAt = System.nanoTime() + TimeUnit.DAYS.toNanos(1);
    pauseReading();
  }

  synchronized void unblock() {
    reading = true;
    moodAt = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
    resumeReading();
  }

  /** Brings no more breaks about, and reads. */
  synchronized void calm() {
    calm = true;
    reading = true;
    resumeReading();
  }

  synchronized boolean isSubscribed() {
    return isConnected()
        && wishes.values().stream().allMatch(wish -> wish.state == State.SUBSCRIBED);
  }
}
