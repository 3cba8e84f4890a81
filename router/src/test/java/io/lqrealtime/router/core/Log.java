package io.lqrealtime.router.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.LogId;
import io.lqrealtime.id.Region;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.record.ControlKey;
import io.lqrealtime.record.ControlRecord;
import io.lqrealtime.record.ControlRecordCodec;
import io.lqrealtime.record.FormatVersion;
import io.lqrealtime.record.MessageHeaders;
import io.lqrealtime.topic.Placement;
import java.util.Optional;
import java.util.stream.Stream;

/** Builds inbound records of partition 0 in region "local". */
final class Log {
  static final Region REGION = new Region("local");
  static final LogId LOG_ID = new LogId(7);
  static final ControlKey ORDER_KEY =
      new ControlKey("a key of 32 bytes for orders only".getBytes(UTF_8));
  static final ControlKey KEY = new ControlKey("0123456789abcdef0123456789abcdef".getBytes(UTF_8));
  static final TenantId ACME = new TenantId("acme");
  static final int MAX_PAYLOAD = 1_000;

  private Log() {}

  static RoutingEngine.Setting setting(int partition, int partitions) {
    return setting(partition, partitions, FormatVersion.FIRST);
  }

  static RoutingEngine.Setting setting(int partition, int partitions, FormatVersion format) {
    return new RoutingEngine.Setting(
        REGION,
        LOG_ID,
        partition,
        new Placement(partitions),
        new ControlKeys(KEY, Optional.of(ORDER_KEY)),
        MAX_PAYLOAD,
        format);
  }

  static InboundRecord message(long offset, String channel, String value) {
    return message(offset, "acme", value, "channel", channel);
  }

  static InboundRecord message(long offset, String key, String value, String... headers) {
    return new InboundRecord(
        offset, 1_000 + offset, bytes(key), headers(headers), value == null ? null : bytes(value));
  }

  /** A message with an id, at a time of its own. */
  static InboundRecord message(long offset, long time, String channel, String from, String id) {
    return new InboundRecord(
        offset,
        time,
        bytes("acme"),
        headers("channel", channel, "from", from, "id", id),
        bytes("1"));
  }

  static InboundRecord up(long offset, String gateway, long generation, long sequence) {
    return control(offset, new ControlRecord.GatewayUp(origin(gateway, generation, sequence)));
  }

  static InboundRecord down(long offset, String gateway, long generation) {
    return control(offset, new ControlRecord.GatewayDown(origin(gateway, generation, 1)));
  }

  static InboundRecord subscribe(
      long offset, String gateway, long generation, long sequence, String... channels) {
    return control(
        offset,
        new ControlRecord.Subscribe(
            origin(gateway, generation, sequence),
            ACME,
            Stream.of(channels).map(Channel::new).toList()));
  }

  static InboundRecord unsubscribe(
      long offset, String gateway, long generation, long sequence, String... channels) {
    return control(
        offset,
        new ControlRecord.Unsubscribe(
            origin(gateway, generation, sequence),
            ACME,
            Stream.of(channels).map(Channel::new).toList()));
  }

  static InboundRecord control(long offset, ControlRecord record) {
    ControlRecordCodec.Encoded encoded =
        ControlRecordCodec.encode(record, KEY, FormatVersion.FIRST);
    return new InboundRecord(
        offset,
        1_000 + offset,
        encoded.key(),
        headers("type", encoded.type(), "mac", encoded.mac()),
        encoded.value());
  }

  static ControlRecord.Origin origin(String gateway, long generation, long sequence) {
    return new ControlRecord.Origin(new GatewayId(gateway), generation, sequence, REGION, 0);
  }

  static MessageHeaders headers(String... namesAndValues) {
    MessageHeaders headers = new MessageHeaders();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      headers.add(namesAndValues[i], bytes(namesAndValues[i + 1]));
    }
    return headers;
  }

  static byte[] bytes(String text) {
    return text == null ? null : text.getBytes(UTF_8);
  }
}
