package io.lqrealtime.tenant;

import java.util.OptionalInt;

/**
 * What one tenant may have and do on each gateway, where it differs from the gateway's defaults. A
 * limit that is not set is the gateway's.
 *
 * @param connections at once: 0 to {@value #HIGHEST_COUNT}; 0 shuts the tenant out
 * @param connectionsPerUser of these: 1 to {@value #HIGHEST_COUNT}
 * @param channels that its clients are subscribed to: 1 to {@value #HIGHEST_COUNT}
 * @param messagesPerSecond that its clients publish: 1 to {@value #HIGHEST_RATE}
 * @param bytesPerSecond of their payloads: {@value #LOWEST_BYTES} to {@value #HIGHEST_RATE}
 */
public record TenantPolicy(
    OptionalInt connections,
    OptionalInt connectionsPerUser,
    OptionalInt channels,
    OptionalInt messagesPerSecond,
    OptionalInt bytesPerSecond) {
  public static final int HIGHEST_COUNT = 10_000_000;
  public static final int HIGHEST_RATE = 1_000_000_000;
  public static final int LOWEST_BYTES = 1024;

  /** Nothing but the gateway's defaults. */
  public static final TenantPolicy DEFAULT =
      new TenantPolicy(
          OptionalInt.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          OptionalInt.empty());

  /**
   * @throws IllegalArgumentException that names the limit which is out of its bounds
   */
  public TenantPolicy {
    check("connections", connections, 0, HIGHEST_COUNT);
    check("connectionsPerUser", connectionsPerUser, 1, HIGHEST_COUNT);
    check("channels", channels, 1, HIGHEST_COUNT);
    check("messagesPerSecond", messagesPerSecond, 1, HIGHEST_RATE);
    check("bytesPerSecond", bytesPerSecond, LOWEST_BYTES, HIGHEST_RATE);
  }

  private static void check(String name, OptionalInt value, int lowest, int highest) {
    if (value.isPresent() && (value.getAsInt() < lowest || value.getAsInt() > highest)) {
      throw new IllegalArgumentException(
          name + " is " + lowest + " to " + highest + ", and not " + value.getAsInt());
    }
  }
}
