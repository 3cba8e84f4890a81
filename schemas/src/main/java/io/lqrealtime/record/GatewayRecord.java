package io.lqrealtime.record;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.LogId;
import io.lqrealtime.id.Position;
import io.lqrealtime.id.Region;
import io.lqrealtime.id.TenantId;
import java.util.List;
import java.util.Optional;

/**
 * A record of a gateway's topic.
 *
 * <p>The router's records of one partition form a chain: each says which offset of that partition
 * was last routed to this gateway before it ({@code previous}, or {@code routed} where the record
 * itself is no message). A gateway whose own last offset is below that has missed something. {@link
 * #UNKNOWN} says that the router can't tell (it is processing again what a predecessor may have
 * sent): the gateway then has to assume that it missed something, unless it already holds this
 * offset.
 */
public sealed interface GatewayRecord {
  /** No offset: the router does not know which one came before. */
  long UNKNOWN = -2;

  /**
   * No offset: nothing has been routed to this generation of the gateway from this partition yet.
   */
  long NOTHING = -1;

  /**
   * A message to deliver. Arrays are shared, and not to be changed. In a channel's {@linkplain
   * Channel#members companion} it is a {@link MemberEvent}.
   *
   * @param previous the offset routed before it, {@link #NOTHING} or {@link #UNKNOWN}
   * @param time epoch milliseconds of the append
   * @param payload as published
   */
  record Message(
      TenantId tenant,
      Channel channel,
      Region region,
      LogId log,
      int partition,
      long offset,
      long previous,
      long time,
      Optional<String> id,
      Optional<String> from,
      byte[] payload)
      implements GatewayRecord {

    public Position position() {
      return new Position(region, log, partition, offset);
    }
  }

  /**
   * The answer to a subscribe record: everything past {@code offset} comes, everything up to it is
   * history.
   *
   * @param sequence the subscribe record's
   * @param routed as in a heartbeat
   */
  record Subscribed(
      int partition,
      long generation,
      long sequence,
      long offset,
      long routed,
      TenantId tenant,
      List<Channel> channels)
      implements GatewayRecord {
    public Subscribed {
      channels = List.copyOf(channels);
    }
  }

  /**
   * How things stand between router and gateway in one partition: sent about once a second while
   * the gateway has channels there, and at once on its {@code up}.
   *
   * @param generation the gateway's, as the router knows it
   * @param sequence of the gateway's last control record that was applied
   * @param offset up to where the router has read the partition
   * @param routed the last offset routed to this generation, or {@link #NOTHING}, or {@link
   *     #UNKNOWN}
   * @param digest of the gateway's channels there: see {@link ChannelDigest}
   * @param channels how many they are
   */
  record Heartbeat(
      int partition,
      long generation,
      long sequence,
      long offset,
      long routed,
      long digest,
      int channels)
      implements GatewayRecord {}

  /**
   * The router has closed what this generation had in the partition: the gateway was taken for
   * dead.
   */
  record Down(int partition, long generation) implements GatewayRecord {}

  /**
   * How many are in a channel that is too big to tell who comes and goes: for those who have its
   * companion, about once a second while it changes. No part of the chain: the next one makes up
   * for one that is lost.
   *
   * @param offset of the last join or leave that is counted
   * @param joins whether that was a join
   */
  record Counts(
      TenantId tenant,
      Channel channel,
      Region region,
      LogId log,
      int partition,
      long offset,
      boolean joins,
      int connections,
      int users)
      implements GatewayRecord {

    public Position position() {
      return new Position(region, log, partition, offset);
    }
  }

  /**
   * Written by a gateway to its own topic when it starts: whoever claimed last is the gateway of
   * this id.
   *
   * @param instance names the process
   */
  record Claim(String instance) implements GatewayRecord {}
}
