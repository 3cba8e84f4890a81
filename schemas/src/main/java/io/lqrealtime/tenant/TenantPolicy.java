package io.lqrealtime.tenant;

import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What one tenant may have and do on each gateway, where it differs from the gateway's defaults. A
 * limit that is not set is the gateway's. Immutable.
 */
public record TenantPolicy(Map<Kind, Integer> limits) {
  public static final int HIGHEST_COUNT = 10_000_000;
  public static final int HIGHEST_RATE = 1_000_000_000;
  public static final int LOWEST_BYTES = 1024;

  /** Nothing but the gateway's defaults. */
  public static final TenantPolicy DEFAULT = new TenantPolicy(Map.of());

  /** What can be limited, by the name that it has in records and answers. */
  public enum Kind {
    /** Connections at once; 0 shuts the tenant out. */
    CONNECTIONS("connections", 0, HIGHEST_COUNT),
    /** Of these, of one user. */
    CONNECTIONS_PER_USER("connectionsPerUser", 1, HIGHEST_COUNT),
    /** Channels that its clients are subscribed to. */
    CHANNELS("channels", 1, HIGHEST_COUNT),
    /** Subscriptions that its clients begin. */
    SUBSCRIBES_PER_SECOND("subscribesPerSecond", 1, HIGHEST_RATE),
    /** Messages that its clients publish. */
    MESSAGES_PER_SECOND("messagesPerSecond", 1, HIGHEST_RATE),
    /** Bytes of their payloads. */
    BYTES_PER_SECOND("bytesPerSecond", LOWEST_BYTES, HIGHEST_RATE),
    /** Bytes of the answers that its clients get about history and presence. */
    ANSWER_BYTES_PER_SECOND("answerBytesPerSecond", LOWEST_BYTES, HIGHEST_RATE);

    private final String wireName;
    private final int lowest;
    private final int highest;

    Kind(String wireName, int lowest, int highest) {
      this.wireName = wireName;
      this.lowest = lowest;
      this.highest = highest;
    }

    public String wireName() {
      return wireName;
    }

    @Override
    public String toString() {
      return wireName;
    }

    public int lowest() {
      return lowest;
    }

    public int highest() {
      return highest;
    }
  }

  /**
   * @throws IllegalArgumentException that names the limit which is out of its bounds
   */
  public TenantPolicy {
    limits.forEach(
        (kind, value) -> {
          if (value < kind.lowest || value > kind.highest) {
            throw new IllegalArgumentException(
                kind.wireName + " is " + kind.lowest + " to " + kind.highest + ", not " + value);
          }
        });
    limits = Map.copyOf(limits);
  }

  public OptionalInt limit(Kind kind) {
    Integer value = limits.get(kind);
    return value == null ? OptionalInt.empty() : OptionalInt.of(value);
  }

  /** This policy, with another value for one limit. */
  public TenantPolicy with(Kind kind, int value) {
    Map<Kind, Integer> other = new EnumMap<>(Kind.class);
    other.putAll(limits);
    other.put(kind, value);
    return new TenantPolicy(other);
  }
}
