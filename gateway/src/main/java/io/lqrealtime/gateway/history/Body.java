package io.lqrealtime.gateway.history;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lqrealtime.frame.ServerFrames;
import io.lqrealtime.gateway.session.History.Stored;
import io.lqrealtime.gateway.session.MemberFrames;
import io.lqrealtime.gateway.websocket.FrameEncoder;
import io.lqrealtime.id.Channel;
import io.lqrealtime.record.MemberEvent;
import io.lqrealtime.record.MessageHeaders;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A message as read from the inbound log. Its frame is encoded when somebody first wants it, and
 * kept in place of what it was made of: who wants it next shares it.
 */
final class Body {
  /** What one costs beside its bytes: itself, arrays' headers, the frame's holder. */
  private static final int OVERHEAD_BYTES = 120;

  private static final byte[] NOTHING = new byte[0];

  private final Names names;
  private final long time;
  private byte[] id;
  private byte[] from;
  private byte[] value;
  private @Nullable Stored stored;

  Body(Names names, long time, MessageHeaders headers, byte[] value) {
    this.names = names;
    this.time = time;
    this.id = headers.id().orElse(NOTHING);
    this.from = headers.from().orElse(NOTHING);
    this.value = value;
  }

  /** A join or leave, in a channel's companion; nobody asks when it was. */
  Body(Names names, byte[] memberEvent) {
    this.names = names;
    this.time = 0;
    this.id = NOTHING;
    this.from = NOTHING;
    this.value = memberEvent;
  }

  boolean isOf(Names wanted) {
    return names.equals(wanted);
  }

  int cost() {
    return OVERHEAD_BYTES
        + (stored == null ? id.length + from.length + value.length : stored.frame().length);
  }

  /** The message as a live one would go to clients, byte for byte. */
  Stored stored(Channel channel, String positionPrefix, long offset) {
    if (stored == null) {
      byte[] json = json(channel, positionPrefix + offset);
      stored = new Stored(offset, FrameEncoder.text(json, 0, json.length));
      id = NOTHING;
      from = NOTHING;
      value = NOTHING;
    }
    return stored;
  }

  private byte[] json(Channel channel, String position) {
    return channel.isMembers()
        ? MemberFrames.json(channel, position, MemberEvent.decode(value))
        : ServerFrames.message(channel, position, text(id), text(from), time, value);
  }

  /** As {@link MessageHeaders#idText}: an empty one says as little as none. */
  private static Optional<String> text(byte[] bytes) {
    return bytes.length == 0 ? Optional.empty() : Optional.of(new String(bytes, UTF_8));
  }
}
