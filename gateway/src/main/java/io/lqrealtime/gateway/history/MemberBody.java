package io.lqrealtime.gateway.history;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lqrealtime.gateway.session.TenantChannel;
import io.lqrealtime.id.Channel;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.record.ControlRecord.Join;
import io.lqrealtime.record.ControlRecord.Leave;
import io.lqrealtime.record.ControlRecordCodec;
import io.lqrealtime.record.MemberEvent;
import io.lqrealtime.record.MessageHeaders;
import io.lqrealtime.record.RecordFormatException;
import java.util.Optional;

/**
 * A join or leave record of the log, as what lies in the channel's companion. Whether one is to be
 * believed the index says: the router lists those alone that it has verified.
 *
 * @param names of the companion
 * @param payload a {@link MemberEvent}
 */
record MemberBody(Names names, byte[] payload) {
  /** None, if it is another control record or can't be read. */
  static Optional<MemberBody> read(MessageHeaders headers, byte[] key, byte[] value) {
    String type = headers.type().map(bytes -> new String(bytes, UTF_8)).orElse("");
    if (!type.equals("join") && !type.equals("leave")) {
      return Optional.empty();
    }
    try {
      return switch (ControlRecordCodec.decode(type, key, value)) {
        case Join join -> Optional.of(of(join.tenant(), join.channel(), MemberEvent.of(join)));
        case Leave leave -> Optional.of(of(leave.tenant(), leave.channel(), MemberEvent.of(leave)));
        default -> Optional.empty();
      };
    } catch (RecordFormatException e) {
      return Optional.empty();
    }
  }

  private static MemberBody of(TenantId tenant, Channel channel, MemberEvent event) {
    return new MemberBody(Names.of(new TenantChannel(tenant, channel.members())), event.encode());
  }
}
