package io.lqrealtime.record;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.Region;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import java.util.List;
import java.util.OptionalLong;

/**
 * A record of the inbound log by which the service steers itself: read by the router in one order
 * with the messages of its partition.
 *
 * <p>Each carries the generation of the gateway it speaks for and a sequence that rises within that
 * generation and partition: one that is not newer than what was applied changes nothing. It names
 * the region and partition it was written for, so that a copy elsewhere is not obeyed.
 */
public sealed interface ControlRecord {
  /** Channels in one record, at the most. */
  int MAX_CHANNELS = 500;

  Origin origin();

  /**
   * Who writes, and for where.
   *
   * @param generation rises each time a gateway id starts, or starts over
   * @param sequence rises within a generation and partition; 1 or more
   */
  record Origin(GatewayId gateway, long generation, long sequence, Region region, int partition) {
    public Origin {
      if (generation < 1 || sequence < 1 || partition < 0) {
        throw new IllegalArgumentException("generation and sequence are 1 or more");
      }
    }
  }

  /** From here on the gateway is to get these channels of the tenant. */
  record Subscribe(Origin origin, TenantId tenant, List<Channel> channels)
      implements ControlRecord {
    public Subscribe {
      channels = checked(channels);
    }
  }

  /** From here on the gateway is not to get these channels any more. */
  record Unsubscribe(Origin origin, TenantId tenant, List<Channel> channels)
      implements ControlRecord {
    public Unsubscribe {
      channels = checked(channels);
    }
  }

  /** The gateway has (re)started: whatever it had in this partition ends here. */
  record GatewayUp(Origin origin) implements ControlRecord {}

  /**
   * This generation of the gateway, and every older one, is gone; whatever it had in this partition
   * ends here. Written by a sweeper, or by the gateway when it leaves: the sequence does not order
   * it.
   */
  record GatewayDown(Origin origin) implements ControlRecord {}

  /** The gateway tells anew who is in the channels of this partition by it. */
  record Roster(Origin origin) implements ControlRecord {}

  /**
   * A connection of the gateway is in the channel.
   *
   * @param again whether the gateway has told so before
   */
  record Join(
      Origin origin,
      TenantId tenant,
      Channel channel,
      UserId user,
      ConnectionId connection,
      boolean again)
      implements ControlRecord {}

  /**
   * A connection is not in the channel any more.
   *
   * @param confirmed where a router writes it because of a gateway that is gone: the offset at
   *     which the connection was last told to be there, since it does not hold for a later one; the
   *     sequence does not order it then
   */
  record Leave(
      Origin origin,
      TenantId tenant,
      Channel channel,
      UserId user,
      ConnectionId connection,
      OptionalLong confirmed)
      implements ControlRecord {}

  private static List<Channel> checked(List<Channel> channels) {
    if (channels.isEmpty() || channels.size() > MAX_CHANNELS) {
      throw new IllegalArgumentException("a record lists 1 to " + MAX_CHANNELS + " channels");
    }
    return List.copyOf(channels);
  }
}
