package io.lqrealtime.record;

import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.UserId;

/**
 * A join or leave, as the payload of a {@link GatewayRecord.Message} in a channel's companion.
 *
 * @param joins whether it is a join
 */
public record MemberEvent(boolean joins, UserId user, ConnectionId connection) {
  private static final byte LEAVE = 0;
  private static final byte JOIN = 1;

  public static MemberEvent of(ControlRecord.Join join) {
    return new MemberEvent(true, join.user(), join.connection());
  }

  public static MemberEvent of(ControlRecord.Leave leave) {
    return new MemberEvent(false, leave.user(), leave.connection());
  }

  public byte[] encode() {
    BinaryWriter out = new BinaryWriter();
    out.octet(joins ? JOIN : LEAVE);
    out.text(user.value());
    out.text(connection.value());
    return out.toByteArray();
  }

  /**
   * @throws RecordFormatException if it is broken
   */
  public static MemberEvent decode(byte[] payload) {
    try {
      BinaryReader in = new BinaryReader(payload);
      boolean joins = in.octet() == JOIN;
      return new MemberEvent(joins, new UserId(in.text()), new ConnectionId(in.text()));
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new RecordFormatException("a join or leave can't be read", e);
    }
  }
}
