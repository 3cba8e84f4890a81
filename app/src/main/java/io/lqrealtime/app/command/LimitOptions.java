package io.lqrealtime.app.command;

import io.lqrealtime.tenant.TenantPolicy;
import io.lqrealtime.tenant.TenantPolicy.Kind;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Option;

/** Limits of a tenant as options: those that are given differ from the gateways' defaults. */
final class LimitOptions {
  private final Map<Kind, Integer> given = new EnumMap<>(Kind.class);

  @Option(
      names = "--connections",
      paramLabel = "N",
      description = "Connections at once; 0 lets nobody in.")
  void connections(int most) {
    given.put(Kind.CONNECTIONS, most);
  }

  @Option(
      names = "--connections-per-user",
      paramLabel = "N",
      description = "Connections of one user at once.")
  void connectionsPerUser(int most) {
    given.put(Kind.CONNECTIONS_PER_USER, most);
  }

  @Option(
      names = "--channels",
      paramLabel = "N",
      description = "Channels that its clients are subscribed to.")
  void channels(int most) {
    given.put(Kind.CHANNELS, most);
  }

  @Option(
      names = "--subscribes-per-second",
      paramLabel = "N",
      description = "Subscriptions that its clients begin in a second.")
  void subscribesPerSecond(int most) {
    given.put(Kind.SUBSCRIBES_PER_SECOND, most);
  }

  @Option(
      names = "--messages-per-second",
      paramLabel = "N",
      description = "Messages that its clients publish in a second.")
  void messagesPerSecond(int most) {
    given.put(Kind.MESSAGES_PER_SECOND, most);
  }

  @Option(
      names = "--bytes-per-second",
      paramLabel = "N",
      description = "Bytes of the payloads that its clients publish in a second.")
  void bytesPerSecond(int most) {
    given.put(Kind.BYTES_PER_SECOND, most);
  }

  @Option(
      names = "--answer-bytes-per-second",
      paramLabel = "N",
      description = "Bytes of answers about history and presence that its clients get in a second.")
  void answerBytesPerSecond(int most) {
    given.put(Kind.ANSWER_BYTES_PER_SECOND, most);
  }

  boolean isEmpty() {
    return given.isEmpty();
  }

  /**
   * A policy with these limits in place of its own.
   *
   * @throws IllegalArgumentException that names the option which is out of its bounds
   */
  TenantPolicy appliedTo(TenantPolicy policy) {
    TenantPolicy applied = policy;
    for (Map.Entry<Kind, Integer> limit : given.entrySet()) {
      try {
        applied = applied.with(limit.getKey(), limit.getValue());
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(option(limit.getKey()) + ": " + e.getMessage(), e);
      }
    }
    return applied;
  }

  private static String option(Kind kind) {
    return "--" + kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
