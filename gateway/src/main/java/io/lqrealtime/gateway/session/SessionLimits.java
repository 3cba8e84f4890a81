package io.lqrealtime.gateway.session;

/**
 * What one connection may have and do at the most.
 *
 * @param maxSubscriptions channels subscribed at once
 * @param maxUnacked publishes that are not durable yet; at that many the gateway stops reading
 * @param maxErrorsPerMinute errors before the connection is closed with 1008
 * @param maxPayloadBytes of a message
 */
public record SessionLimits(
    int maxSubscriptions, int maxUnacked, int maxErrorsPerMinute, int maxPayloadBytes) {
  public SessionLimits {
    if (maxSubscriptions < 1 || maxUnacked < 1 || maxErrorsPerMinute < 1 || maxPayloadBytes < 1) {
      throw new IllegalArgumentException("every limit of a session is 1 or more");
    }
  }
}
