package io.lqrealtime.bench.load;

/**
 * The shape of a run in which clients go away and come back.
 *
 * @param connections that go and come back
 * @param channels they are spread over
 * @param behind messages of its channel that each has missed
 * @param payloadBytes of a message
 * @param departure how they lose their connections
 */
public record ResumePlan(
    int connections,
    int channels,
    int behind,
    int payloadBytes,
    Departure departure,
    String tenant,
    int tenants,
    String channelPrefix) {

  static final int MIN_PAYLOAD = 40;
  static final int MAX_BEHIND = 10_000_000;

  public ResumePlan {
    if (connections < 1 || connections > PublishPlan.MAX_SUBSCRIBERS) {
      throw new IllegalArgumentException("connections must be 1 to " + PublishPlan.MAX_SUBSCRIBERS);
    }
    if (channels < 1 || channels > connections) {
      throw new IllegalArgumentException("channels must be 1 to as many as there are connections");
    }
    if (behind < 1 || behind > MAX_BEHIND) {
      throw new IllegalArgumentException("messages missed must be 1 to " + MAX_BEHIND);
    }
    if (payloadBytes < MIN_PAYLOAD) {
      throw new IllegalArgumentException("a payload must have " + MIN_PAYLOAD + " bytes or more");
    }
    if (tenants < 1) {
      throw new IllegalArgumentException("at least one tenant is needed");
    }
  }

  String tenantOf(int channel) {
    return tenants == 1 ? tenant : tenant + "-" + channel % tenants;
  }
}
