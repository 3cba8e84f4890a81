package io.lqrealtime.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

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
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GatewayRecordCodecTest {
  private static final byte[] NOTHING = {};
  private static final byte[] PAYLOAD = "{\"hello\":1.50}".getBytes(StandardCharsets.UTF_8);

  /** One of each shape, under the name that its golden bytes have. */
  private static Map<String, GatewayRecord> examples() {
    Map<String, GatewayRecord> examples = new LinkedHashMap<>();
    examples.put("message", message(1_000_000, 999_997, Optional.of("m-1"), Optional.of("alice")));
    examples.put(
        "message-bare", message(0, GatewayRecord.NOTHING, Optional.empty(), Optional.empty()));
    examples.put(
        "message-unknown",
        message(Long.MAX_VALUE - 2, GatewayRecord.UNKNOWN, Optional.of("é😀"), Optional.empty()));
    examples.put(
        "message-from", message(128, 127, Optional.empty(), Optional.of("/backend/orders")));
    examples.put(
        "subscribed",
        new Subscribed(
            3,
            7,
            300,
            123_456_789_012L,
            GatewayRecord.NOTHING,
            new TenantId("acme"),
            List.of(new Channel("room.1"), new Channel("user:alice"))));
    examples.put(
        "heartbeat",
        new Heartbeat(3, 7, 301, 123_456_789_012L, 123_456_789_000L, 0x8123456789abcdefL, 2));
    examples.put("heartbeat-empty", new Heartbeat(0, 1, 0, -1, GatewayRecord.UNKNOWN, 0, 0));
    examples.put("down", new Down(2_147_483_647, Long.MAX_VALUE));
    examples.put("claim", new Claim("b7e1c9d2"));
    examples.put(
        "counts",
        new Counts(
            new TenantId("acme"),
            new Channel("room.1"),
            new Region("local"),
            new LogId(0x12_3456_789aL),
            3,
            300,
            true,
            512,
            498));
    return examples;
  }

  static List<GatewayRecord> records() {
    return List.copyOf(examples().values());
  }

  private static Message message(
      long offset, long previous, Optional<String> id, Optional<String> from) {
    return new Message(
        new TenantId("acme"),
        new Channel("room.1"),
        new Region("local"),
        new LogId(0x12_3456_789aL),
        3,
        offset,
        previous,
        1_790_000_000_123L,
        id,
        from,
        PAYLOAD);
  }

  @ParameterizedTest
  @MethodSource("records")
  void decode_encoded_isTheSameRecord(GatewayRecord record) {
    for (FormatVersion version : FormatVersionTest.ALL) {
      byte[] header = GatewayRecordCodec.header(record, version);
      GatewayRecord decoded = GatewayRecordCodec.decode(header, GatewayRecordCodec.value(record));

      assertThat(decoded).usingRecursiveComparison().isEqualTo(record);
      assertThat(header[0]).isEqualTo(version.octet());
    }
  }

  /** Gateways and routers of different versions read each other's records. */
  @Test
  void header_examples_areTheGoldenBytes() {
    Properties golden = new Properties();
    try (InputStream file =
        GatewayRecordCodecTest.class.getResourceAsStream("/golden/gateway-records.properties")) {
      golden.load(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Map<String, String> actual = new LinkedHashMap<>();
    examples()
        .forEach(
            (name, record) ->
                actual.put(
                    name,
                    HexFormat.of()
                        .formatHex(GatewayRecordCodec.header(record, FormatVersion.FIRST))));

    assertThat(actual).isEqualTo(golden);
  }

  @ParameterizedTest
  @MethodSource("records")
  void decode_bytesAppended_areIgnored(GatewayRecord record) {
    byte[] header = GatewayRecordCodec.header(record, FormatVersion.FIRST);
    byte[] longer = Arrays.copyOf(header, header.length + 9);
    Arrays.fill(longer, header.length, longer.length, (byte) 0x7f);

    assertThat(GatewayRecordCodec.decode(longer, GatewayRecordCodec.value(record)))
        .usingRecursiveComparison()
        .isEqualTo(record);
  }

  @ParameterizedTest
  @MethodSource("records")
  void decode_anyTruncation_isRefused(GatewayRecord record) {
    byte[] header = GatewayRecordCodec.header(record, FormatVersion.FIRST);
    for (int length = 0; length < header.length; length++) {
      byte[] cut = Arrays.copyOf(header, length);
      assertThatExceptionOfType(RecordFormatException.class)
          .as("%d of %d bytes", length, header.length)
          .isThrownBy(() -> GatewayRecordCodec.decode(cut, NOTHING));
    }
  }

  @ParameterizedTest
  @MethodSource("records")
  void decode_mutations_areRecordsOrRefusals(GatewayRecord record) {
    long seed = 4242;
    Mutations mutations = new Mutations(seed);
    byte[] header = GatewayRecordCodec.header(record, FormatVersion.FIRST);
    for (int i = 0; i < 4_000; i++) {
      assertReadOrRefused(mutations.mutate(header), seed);
    }
  }

  @Test
  void decode_randomBytes_areRecordsOrRefusals() {
    long seed = 77;
    Random random = new Random(seed);
    for (int i = 0; i < 30_000; i++) {
      byte[] bytes = new byte[random.nextInt(80)];
      random.nextBytes(bytes);
      if (bytes.length > 1) {
        bytes[0] = FormatVersion.FIRST.octet();
        bytes[1] = (byte) random.nextInt(8);
      }
      assertReadOrRefused(bytes, seed);
    }
  }

  private static void assertReadOrRefused(byte[] header, long seed) {
    try {
      GatewayRecord record = GatewayRecordCodec.decode(header, PAYLOAD);
      boolean possible =
          !(record instanceof Message message)
              || (message.position().offset() >= 0
                  && message.previous() >= GatewayRecord.UNKNOWN
                  && message.time() >= 0);
      if (!possible) {
        throw new IllegalStateException("an impossible record: " + record);
      }
    } catch (RecordFormatException e) {
      // Right: anything else fails the test.
    } catch (RuntimeException | Error e) {
      throw new AssertionError("seed " + seed + ", header " + HexFormat.of().formatHex(header), e);
    }
  }

  @Test
  void decode_hugeLengths_allocateNothing() {
    BinaryWriter text = new BinaryWriter();
    text.octet(FormatVersion.FIRST.octet());
    text.octet((byte) 5);
    text.varint(Integer.MAX_VALUE);
    BinaryWriter channels = new BinaryWriter();
    channels.octet(FormatVersion.FIRST.octet());
    channels.octet((byte) 2);
    channels.varint(0);
    channels.varint(1);
    channels.varint(1);
    channels.varint(1);
    channels.zigzag(1);
    channels.text("acme");
    channels.varint(Integer.MAX_VALUE);
    for (BinaryWriter out : List.of(text, channels)) {
      assertThatExceptionOfType(RecordFormatException.class)
          .isThrownBy(() -> GatewayRecordCodec.decode(out.toByteArray(), NOTHING));
    }
  }

  @Test
  void decode_newerVersionOrUnknownKind_isRefusedByName() {
    assertThatExceptionOfType(RecordFormatException.class)
        .isThrownBy(
            () -> GatewayRecordCodec.decode(new byte[] {FormatVersion.NEWEST + 1, 1}, NOTHING))
        .withMessageContaining("version 3");
    assertThatExceptionOfType(RecordFormatException.class)
        .isThrownBy(() -> GatewayRecordCodec.decode(new byte[] {1, 99}, NOTHING))
        .withMessageContaining("kind 99");
  }

  @Test
  void decode_numbersOutOfRange_areRefused() {
    List<GatewayRecord> impossible =
        List.of(
            new Down(-1, 1),
            new Down(1, -1),
            message(-1, -1, Optional.empty(), Optional.empty()),
            message(5, -3, Optional.empty(), Optional.empty()),
            new Heartbeat(0, -1, 0, 0, 0, 0, 0),
            new Heartbeat(0, 0, 0, -3, 0, 0, 0),
            new Heartbeat(0, 0, 0, 0, 0, 0, -1),
            new Subscribed(0, 1, 1, -1, 0, new TenantId("t"), List.of()));
    for (GatewayRecord record : impossible) {
      byte[] header = GatewayRecordCodec.header(record, FormatVersion.FIRST);
      assertThatExceptionOfType(RecordFormatException.class)
          .as("%s", record)
          .isThrownBy(() -> GatewayRecordCodec.decode(header, NOTHING));
    }
  }

  @Test
  void decode_mostChannelsOfARecord_areRead() {
    List<Channel> channels =
        IntStream.range(0, ControlRecord.MAX_CHANNELS)
            .mapToObj(i -> new Channel("room." + i))
            .toList();
    Subscribed record = new Subscribed(1, 1, 1, 1, 1, new TenantId("acme"), channels);

    assertThat(
            GatewayRecordCodec.decode(
                GatewayRecordCodec.header(record, FormatVersion.FIRST), NOTHING))
        .isEqualTo(record);
  }

  @Test
  void header_typicalMessage_isAtMost64Bytes() {
    Message typical =
        new Message(
            new TenantId("acme"),
            new Channel("room.1234"),
            new Region("eu-west"),
            new LogId(0x12_3456_789aL),
            13,
            123_456_789,
            123_456_780,
            1_790_000_000_123L,
            Optional.of("m-1234567"),
            Optional.of("alice"),
            new byte[200]);

    int size = GatewayRecordCodec.header(typical, FormatVersion.FIRST).length;

    System.out.println("gateway record header of a typical 200 B message: " + size + " bytes");
    assertThat(size).isLessThanOrEqualTo(64);
  }

  @Test
  void varint_everyLength_roundTrips() {
    BinaryWriter out = new BinaryWriter();
    for (int shift = 0; shift < 64; shift++) {
      out.varint(1L << shift);
      out.varint((1L << shift) - 1);
      out.zigzag(1L << shift);
      out.zigzag(-(1L << shift));
    }
    BinaryReader in = new BinaryReader(out.toByteArray());
    for (int shift = 0; shift < 64; shift++) {
      assertThat(in.varint()).isEqualTo(1L << shift);
      assertThat(in.varint()).isEqualTo((1L << shift) - 1);
      assertThat(in.zigzag()).isEqualTo(1L << shift);
      assertThat(in.zigzag()).isEqualTo(-(1L << shift));
    }
  }
}
