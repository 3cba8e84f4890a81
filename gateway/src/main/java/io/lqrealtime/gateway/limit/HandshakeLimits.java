package io.lqrealtime.gateway.limit;

import io.lqrealtime.config.Environment;
import java.time.Duration;

/**
 * How fast newcomers are let in, and how many sockets may dawdle before.
 *
 * @param perSecond handshakes with a good token, once the ramp is over; 1 or more
 * @param ramp after the start, in which the rate rises to that from a quarter of it; may be zero
 * @param timeout for each of: silence before a request, the head of a request, content that follows
 * @param maxPending sockets whose clients have not asked to be let in yet, or were refused
 */
public record HandshakeLimits(int perSecond, Duration ramp, Duration timeout, int maxPending) {
  public HandshakeLimits {
    if (perSecond < 1 || ramp.isNegative() || timeout.toMillis() < 1 || maxPending < 1) {
      throw new IllegalArgumentException(
          "a rate, a timeout and a number of sockets are 1 or more, a ramp is not negative");
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
                + " own, up to 5 s; beyond that, and where as many wait already as can be let in"
                + " by then, they get HTTP 503 with Retry-After."),
        env.duration(
            "WS_HANDSHAKE_RAMP",
            Duration.ofSeconds(10),
            Duration.ZERO,
            Duration.ofMinutes(10),
            "After the start, the time in which WS_MAX_HANDSHAKES_PER_SECOND is reached, from a"
                + " quarter of it: a cold gateway is slower."),
        env.duration(
            "WS_HANDSHAKE_TIMEOUT",
            Duration.ofSeconds(10),
            Duration.ofSeconds(1),
            Duration.ofMinutes(1),
            "How long it may take from a socket's accept until the head of its request is whole,"
                + " TLS handshake included: then it gets HTTP 408 and is closed. Again how long"
                + " content, which nobody reads, and taking the answer may take."),
        env.integer(
            "WS_MAX_PENDING_SOCKETS",
            4_096,
            1,
            1_000_000,
            "Sockets whose clients have not sent their token yet, or are given another answer than"
                + " an upgrade. Where one more comes, the one that has been so for the longest is"
                + " closed, with HTTP 503 if it has not made a request."));
  }
}
