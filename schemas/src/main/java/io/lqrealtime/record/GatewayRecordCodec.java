package io.lqrealtime.record;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.LogId;
import io.lqrealtime.id.Region;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.record.GatewayRecord.Claim;
import io.lqrealtime.record.GatewayRecord.Counts;
import io.lqrealtime.record.GatewayRecord.Down;
import io.lqrealtime.record.GatewayRecord.Heartbeat;
import io.lqrealtime.record.GatewayRecord.Message;
import io.lqrealtime.record.GatewayRecord.Subscribed;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Gateway records as they lie in a gateway's topic: no key, one record header {@value #HEADER} with
 * everything but the payload in a compact binary form, and the payload as the value. (Headers as
 * texts would double a message of 200 bytes.)
 *
 * <p>The header is: version (1 byte), kind (1 byte), then the kind's fields in the order of the
 * record's components; numbers as LEB128 varints, zig-zag where they may be negative; texts as a
 * varint length and UTF-8. {@code previous} is written as its distance from {@code offset}. Readers
 * ignore bytes after the fields they know, so fields can be appended; the {@linkplain FormatVersion
 * version} rises only with a change that older readers must not ignore.
 */
public final class GatewayRecordCodec {
  public static final String HEADER = "lq";
  private static final byte[] NO_PAYLOAD = new byte[0];

  private static final byte MESSAGE = 1;
  private static final byte SUBSCRIBED = 2;
  private static final byte HEARTBEAT = 3;
  private static final byte DOWN = 4;
  private static final byte CLAIM = 5;
  private static final byte COUNTS = 6;

  private static final int HAS_ID = 1;
  private static final int HAS_FROM = 2;

  private GatewayRecordCodec() {}

  /** The value of the record header. */
  public static byte[] header(GatewayRecord record, FormatVersion version) {
    BinaryWriter out = new BinaryWriter();
    out.octet(version.octet());
    switch (record) {
      case Message m -> writeMessage(out, m);
      case Subscribed s -> {
        out.octet(SUBSCRIBED);
        out.varint(s.partition());
        out.varint(s.generation());
        out.varint(s.sequence());
        out.varint(s.offset());
        out.zigzag(s.routed());
        out.text(s.tenant().value());
        out.varint(s.channels().size());
        for (Channel channel : s.channels()) {
          out.text(channel.value());
        }
      }
      case Heartbeat h -> {
        out.octet(HEARTBEAT);
        out.varint(h.partition());
        out.varint(h.generation());
        out.varint(h.sequence());
        out.zigzag(h.offset());
        out.zigzag(h.routed());
        out.int64(h.digest());
        out.varint(h.channels());
      }
      case Down d -> {
        out.octet(DOWN);
        out.varint(d.partition());
        out.varint(d.generation());
      }
      case Claim c -> {
        out.octet(CLAIM);
        out.text(c.instance());
      }
      case Counts c -> {
        out.octet(COUNTS);
        out.text(c.tenant().value());
        out.text(c.channel().value());
        out.text(c.region().value());
        out.int40(c.log().bits());
        out.varint(c.partition());
        out.varint(c.offset());
        out.octet((byte) (c.joins() ? 1 : 0));
        out.varint(c.connections());
        out.varint(c.users());
      }
    }
    version.end(out);
    return out.toByteArray();
  }

  /** The value of the record. */
  public static byte[] value(GatewayRecord record) {
    return record instanceof Message m ? m.payload() : NO_PAYLOAD;
  }

  private static void writeMessage(BinaryWriter out, Message m) {
    out.octet(MESSAGE);
    out.octet((byte) ((m.id().isPresent() ? HAS_ID : 0) | (m.from().isPresent() ? HAS_FROM : 0)));
    out.text(m.tenant().value());
    out.text(m.channel().value());
    out.text(m.region().value());
    out.int40(m.log().bits());
    out.varint(m.partition());
    out.varint(m.offset());
    out.varint(m.offset() - m.previous());
    out.varint(m.time());
    m.id().ifPresent(out::text);
    m.from().ifPresent(out::text);
  }

  /**
   * @throws RecordFormatException if the header is broken or of a newer version
   */
  public static GatewayRecord decode(byte[] header, byte[] value) {
    try {
      BinaryReader in = new BinaryReader(header);
      FormatVersion.check(in.octet(), "a gateway record");
      byte kind = in.octet();
      return switch (kind) {
        case MESSAGE -> readMessage(in, value);
        case SUBSCRIBED -> readSubscribed(in);
        case HEARTBEAT ->
            new Heartbeat(
                in.varint32(),
                in.varint63(),
                in.varint63(),
                offsetOrNone(in.zigzag()),
                offsetOrNone(in.zigzag()),
                in.int64(),
                in.varint32());
        case DOWN -> new Down(in.varint32(), in.varint63());
        case CLAIM -> new Claim(in.text());
        case COUNTS ->
            new Counts(
                new TenantId(in.text()),
                new Channel(in.text()),
                new Region(in.text()),
                new LogId(in.int40()),
                in.varint32(),
                in.varint63(),
                in.octet() == 1,
                in.varint32(),
                in.varint32());
        default -> throw new RecordFormatException("a gateway record of unknown kind " + kind);
      };
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new RecordFormatException("a gateway record's header is broken", e);
    }
  }

  private static Message readMessage(BinaryReader in, byte[] value) {
    int flags = in.octet();
    TenantId tenant = new TenantId(in.text());
    Channel channel = new Channel(in.text());
    Region region = new Region(in.text());
    LogId log = new LogId(in.int40());
    int partition = in.varint32();
    long offset = in.varint63();
    long previous = offsetOrNone(offset - in.varint());
    long time = in.varint63();
    Optional<String> id = (flags & HAS_ID) != 0 ? Optional.of(in.text()) : Optional.empty();
    Optional<String> from = (flags & HAS_FROM) != 0 ? Optional.of(in.text()) : Optional.empty();
    return new Message(
        tenant, channel, region, log, partition, offset, previous, time, id, from, value);
  }

  private static Subscribed readSubscribed(BinaryReader in) {
    int partition = in.varint32();
    long generation = in.varint63();
    long sequence = in.varint63();
    long offset = in.varint63();
    long routed = offsetOrNone(in.zigzag());
    TenantId tenant = new TenantId(in.text());
    int count = in.varint32();
    if (count > ControlRecord.MAX_CHANNELS) {
      throw new IllegalArgumentException("too many channels");
    }
    List<Channel> channels = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      channels.add(new Channel(in.text()));
    }
    return new Subscribed(partition, generation, sequence, offset, routed, tenant, channels);
  }

  private static long offsetOrNone(long value) {
    if (value < GatewayRecord.UNKNOWN) {
      throw new IllegalArgumentException("not an offset");
    }
    return value;
  }
}
