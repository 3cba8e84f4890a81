package io.lqrealtime.bench.load;

import java.time.Duration;

/**
 * The shape of a run that publishes: publisher {@code p} publishes to channel {@code p mod
 * channels}, subscriber {@code s} subscribes to channel {@code s mod channels}, channel {@code c}
 * is in tenant {@code c mod tenants}.
 *
 * @param silent how many of the subscribers read nothing until the window is over
 * @param tenant the name of the tenant; with several, {@code -0}, {@code -1}, … is appended
 * @param channelPrefix channels are {@code prefix.run.number}, so that no run hears another
 * @param payloadBytes of each message, with the stamp inside
 * @param agenda what is measured and what not; all is accounted for: a message that is lost in a
 *     warm-up is lost
 * @param drain after the last message, how long to wait for missing ones since the last that came
 */
public record PublishPlan(
    int publishers,
    int subscribers,
    int silent,
    int channels,
    String tenant,
    int tenants,
    String channelPrefix,
    int payloadBytes,
    Pace pace,
    Agenda agenda,
    Duration drain) {

  /**
   * The most subscribers of a run: a process has 20,000 files by default, and needs some for
   * itself.
   */
  public static final int MAX_SUBSCRIBERS = 19_000;

  private static final int MAX_CONNECTIONS = 19_500;

  /** The smallest payload, which has room for a stamp. */
  public static final int MIN_PAYLOAD = PublishTemplate.MIN_PAYLOAD;

  /** What makes the publishers send. */
  public sealed interface Pace {

    /**
     * The schedule alone, whatever the server does. Latencies count from when a message was due.
     */
    record Open(Schedule schedule) implements Pace {}

    /** Answers: each publisher keeps this many messages unanswered. */
    record Closed(int window) implements Pace {}

    /** The schedule, but a publisher with this many unanswered messages waits. */
    record Bounded(Schedule schedule, int window) implements Pace {}
  }

  public PublishPlan {
    within("publishers", publishers, 1, Math.min(MAX_CONNECTIONS, Stamp.MAX_PUBLISHERS));
    within("subscribers", subscribers, 0, MAX_SUBSCRIBERS);
    within("silent subscribers", silent, 0, subscribers);
    within("publishers and subscribers", publishers + subscribers, 1, MAX_CONNECTIONS);
    within("channels", channels, 1, MAX_SUBSCRIBERS);
    within("tenants", tenants, 1, channels);
    within("payload bytes", payloadBytes, MIN_PAYLOAD, 1 << 20);
    if (!channelPrefix.matches("[A-Za-z0-9_.:=@,#/-]{1,150}")) {
      throw new IllegalArgumentException(
          "the channel prefix must be 1 to 150 characters that a channel's name may have");
    }
  }

  /** One channel of the run, and who publishes there. */
  record Route(int index, int channels, int allPublishers, String channel, String tenant) {

    int publishers() {
      return index < allPublishers ? (allPublishers - 1 - index) / channels + 1 : 0;
    }

    /** Which of the channel's publishers this is, from 0; -1 where it publishes elsewhere. */
    int slotOf(int publisher) {
      return publisher < allPublishers && publisher % channels == index ? publisher / channels : -1;
    }

    int publisherAt(int slot) {
      return index + slot * channels;
    }
  }

  Route route(int number, int run) {
    int index = number % channels;
    String name = channelPrefix + "." + Integer.toHexString(run) + "." + index;
    return new Route(index, channels, publishers, name, tenantOf(index));
  }

  private String tenantOf(int channel) {
    return tenants == 1 ? tenant : tenant + "-" + channel % tenants;
  }

  private static void within(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          name + " must be " + least + " to " + most + ", not " + value);
    }
  }
}
