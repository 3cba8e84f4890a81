package io.lqrealtime.gateway.inbound;

import io.lqrealtime.id.LogId;
import io.lqrealtime.id.Region;
import io.lqrealtime.topic.Placement;

/**
 * The inbound log as found at the start: where it is, which incarnation, and how its tenants are
 * placed.
 *
 * @param topic its name in Kafka
 */
public record InboundLog(String topic, Region region, LogId id, Placement placement) {
  /** What every position of this log starts with: {@code region.log.}. */
  public String positionPrefix() {
    return region.value() + '.' + id + '.';
  }
}
