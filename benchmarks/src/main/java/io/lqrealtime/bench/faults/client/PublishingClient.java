package io.lqrealtime.bench.faults.client;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Publishes at a rate, on several channels, each message under an id that it has once for a
 * channel. It sends again, under the same id, what was {@code unavailable}, what got no answer in
 * time, and after a reconnect whatever had no answer; most of it, as clients do: now and then it
 * lets one go. Now and then it also sends again what was acked already, publishes where it may not,
 * or more than it may.
 *
 * <p>It never sends an id again so late that the service may have forgotten it.
 *
 * <p>Bounds: {@link #MOST_UNANSWERED} messages without an answer; then it waits.
 */
final class PublishingClient extends ReconnectingClient {
  private static final int MOST_UNANSWERED = 300;
  private static final int REMEMBERED = 200;
  private static final long GIVE_UP_AFTER = TimeUnit.SECONDS.toNanos(75);
  private static final long NO_ANSWER_AFTER = TimeUnit.SECONDS.toNanos(13);
  private static final long MOST_BEHIND = TimeUnit.SECONDS.toNanos(1);
  private static final int TOO_LARGE = 6_000;
  private static final int USUAL = 260;
  private static final int BULKY = 3_500;

  private record Key(String channel, String id) {}

  private static final class Pending {
    final Key key;
    final String payload;
    final String digest;
    final boolean marker;
    final boolean refusable;
    final long firstSent;
    long sentAt;
    long againAt = Long.MAX_VALUE;

    Pending(Key key, String payload, boolean marker, boolean refusable, long now) {
      this.key = key;
      this.payload = payload;
      this.digest = Payload.digest(payload);
      this.marker = marker;
      this.refusable = refusable;
      this.firstSent = now;
    }
  }

  private final List<String> channels;
  private final String forbidden;
  private final String bulkChannel;
  private final double perSecond;
  private final LinkedHashMap<Key, Pending> unanswered = new LinkedHashMap<>();
  private final ArrayDeque<Pending> acked = new ArrayDeque<>();
  private final Map<String, Long> sequences = new HashMap<>();
  private long nextAt = System.nanoTime();
  private double bulkPerSecond;
  private long bulkNextAt;
  private boolean quiet;
  private long acks;

  /**
   * @param forbidden a channel that it may not publish on
   * @param bulkChannel where {@link #bulk} goes
   */
  PublishingClient(
      Setting setting,
      String name,
      String tenant,
      String user,
      long seed,
      List<String> channels,
      String forbidden,
      String bulkChannel,
      double perSecond) {
    super(setting, name, tenant, user, seed);
    this.channels = List.copyOf(channels);
    this.forbidden = forbidden;
    this.bulkChannel = bulkChannel;
    this.perSecond = perSecond;
  }

  @Override
  void connected() {
    List<Pending> again = new ArrayList<>(unanswered.values());
    long now = System.nanoTime();
    for (Pending pending : again) {
      if (pending.refusable || !pending.marker && random.nextInt(30) == 0) {
        unanswered.remove(pending.key);
      } else {
        transmit(pending, now);
      }
    }
    nextAt = Math.max(nextAt, now - MOST_BEHIND);
  }

  @Override
  void disconnected() {}

  @Override
  void due(long now) {
    retry(now);
    nextAt = Math.max(nextAt, now - MOST_BEHIND);
    while (!quiet && now - nextAt >= 0 && unanswered.size() < MOST_UNANSWERED) {
      nextAt += (long) (1e9 / perSecond);
      publishSomething(now);
    }
    bulkNextAt = Math.max(bulkNextAt, now - MOST_BEHIND);
    while (bulkPerSecond > 0 && now - bulkNextAt >= 0 && unanswered.size() < MOST_UNANSWERED) {
      bulkNextAt += (long) (1e9 / bulkPerSecond);
      publish(bulkChannel, BULKY, false, false, now);
    }
  }

  private void retry(long now) {
    Iterator<Pending> all = unanswered.values().iterator();
    List<Pending> again = new ArrayList<>();
    while (all.hasNext()) {
      Pending pending = all.next();
      if (now - pending.firstSent > GIVE_UP_AFTER) {
        all.remove();
      } else if (now - pending.againAt >= 0 && pending.againAt != Long.MAX_VALUE
          || now - pending.sentAt > NO_ANSWER_AFTER) {
        again.add(pending);
      }
    }
    again.forEach(pending -> transmit(pending, now));
  }

  private void publishSomething(long now) {
    int dice = random.nextInt(400);
    if (dice < 2) {
      publish(forbidden, USUAL, false, true, now);
    } else if (dice < 3) {
      publish(anyChannel(), TOO_LARGE, false, true, now);
    } else if (dice < 8 && !acked.isEmpty()) {
      Pending former = acked.removeFirst();
      if (now - former.firstSent < GIVE_UP_AFTER && !unanswered.containsKey(former.key)) {
        unanswered.put(former.key, former);
        transmit(former, now);
      }
    } else {
      publish(anyChannel(), USUAL + random.nextInt(200) - 100, false, false, now);
    }
  }

  private String anyChannel() {
    return channels.get(random.nextInt(channels.size()));
  }

  private void publish(String channel, int bytes, boolean marker, boolean refusable, long now) {
    long sequence = sequences.merge(channel, 1L, Long::sum);
    // The same ids on every channel, and with every publisher: they are only unique together.
    Key key = new Key(channel, "m" + sequence);
    String payload = Payload.of(tenant, user, channel, sequence, bytes, random);
    Pending pending = new Pending(key, payload, marker, refusable, now);
    unanswered.put(key, pending);
    transmit(pending, now);
  }

  private void transmit(Pending pending, long now) {
    pending.sentAt = now;
    pending.againAt = Long.MAX_VALUE;
    setting
        .history()
        .write(
            name,
            "sent",
            json -> {
              json.writeStringField("channel", pending.key.channel);
              json.writeStringField("id", pending.key.id);
              json.writeStringField("digest", pending.digest);
              if (pending.marker) {
                json.writeBooleanField("marker", true);
              }
            });
    send(
        "{\"type\":\"publish\",\"id\":\"%s\",\"channel\":\"%s\",\"payload\":%s}"
            .formatted(pending.key.id, pending.key.channel, pending.payload));
  }

  @Override
  void frame(ServerFrame frame) {
    switch (frame.type()) {
      case "ack" -> acked(frame);
      case "error" -> refused(frame);
      default -> {
        // pong, reconnect: the close that follows is what counts.
      }
    }
  }

  private void acked(ServerFrame frame) {
    acks++;
    setting
        .history()
        .write(
            name,
            "acked",
            json -> {
              json.writeStringField("channel", frame.channel());
              json.writeStringField("id", frame.id());
              json.writeStringField("position", frame.position());
            });
    Pending pending = unanswered.remove(new Key(frame.channel(), frame.id()));
    if (pending != null) {
      acked.addLast(pending);
      if (acked.size() > REMEMBERED) {
        acked.removeFirst();
      }
    }
  }

  private void refused(ServerFrame frame) {
    setting
        .history()
        .write(
            name,
            "error",
            json -> {
              json.writeStringField("of", "publish");
              json.writeStringField("channel", frame.channel());
              json.writeStringField("id", frame.id());
              json.writeStringField("code", frame.code());
            });
    Key key = new Key(frame.channel(), frame.id());
    Pending pending = unanswered.get(key);
    if (pending == null) {
      return;
    }
    switch (frame.code()) {
      case "unavailable", "rate_limited", "internal" ->
          pending.againAt =
              System.nanoTime()
                  + TimeUnit.MILLISECONDS.toNanos(
                      Math.max(300, frame.retryAfterMillis()) + random.nextInt(700));
      default -> unanswered.remove(key);
    }
  }

  /** Publishes so many large messages a second beside the others, until told otherwise. */
  synchronized void bulk(double messagesPerSecond) {
    bulkPerSecond = messagesPerSecond;
    bulkNextAt = System.nanoTime();
  }

  /** Waits with its first message for {@link #goOn}. */
  synchronized void hold() {
    quiet = true;
  }

  synchronized void goOn() {
    quiet = false;
    nextAt = System.nanoTime();
  }

  /** Publishes nothing new from now on; what has no answer is still sent again. */
  synchronized void quieten() {
    quiet = true;
    bulkPerSecond = 0;
  }

  /** One last message a channel, which is to be acked. */
  synchronized void mark() {
    for (String channel : channels) {
      publish(channel, USUAL, true, false, System.nanoTime());
    }
  }

  synchronized long acks() {
    return acks;
  }

  synchronized int unanswered() {
    return unanswered.size();
  }
}
