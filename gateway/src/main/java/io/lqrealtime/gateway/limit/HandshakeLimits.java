package io.lqrealtime.gateway.limit;

import io.lqrealtime.config.Environment;
import java.time.Duration;

/**
 * How fast newcomers are let in.
 *
 * @param perSecond handshakes with a good token, once the ramp is over; 1 or more
 * @param ramp after the start, in which the rate rises to that from a quarter of it; may be zero
 */
public record HandshakeLimits(int perSecond, Duration ramp) {
  public HandshakeLimits {
    if (perSecond < 1 || ramp.isNegative()) {
      throw new IllegalArgumentException("a rate is 1 or more, a ramp not negative");
    }
  }

  public static HandshakeLimits from(Environment env) {
    return new HandshakeLimits(
        env.integer(
            "WS_MAX_HANDSHAKES_PER_SECOND",
            2_000,
            1,
            1_000_000,
            "Handshakes that are let in each second. More wait for their turn, each tenant in its"
                + " own, up to 5 s; beyond that they get HTTP 503 with Retry-After."),
        env.duration(
            "WS_HANDSHAKE_RAMP",
            Duration.ofSeconds(10),
            Duration.ZERO,
            Duration.ofMinutes(10),
            "After the start, the time in which that rate is reached, from a quarter of it: a cold"
                + " gateway is slower."));
  }
}
