package io.lqrealtime.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.lqrealtime.record.GatewayRecord.Message;

/**
 * Headers of gateway records, and the events of companion channels, of whatever bytes: refused with
 * the documented exception, or read as a record that is the same when it has been written and read
 * again.
 */
class GatewayRecordCodecFuzzTest {
  private static final byte[] PAYLOAD = "null".getBytes(UTF_8);

  @FuzzTest
  void decode_givesWhatIsTheSameWhenWrittenAgain_orRefuses(byte[] header) {
    GatewayRecord record;
    try {
      record = GatewayRecordCodec.decode(header, PAYLOAD);
    } catch (RecordFormatException e) {
      return;
    }
    for (FormatVersion version : FormatVersionTest.ALL) {
      byte[] again = GatewayRecordCodec.header(record, version);
      assertThat(GatewayRecordCodec.decode(again, GatewayRecordCodec.value(record)))
          .usingRecursiveComparison()
          .isEqualTo(record);
    }
    if (record instanceof Message message) {
      assertThat(message.previous()).isGreaterThanOrEqualTo(GatewayRecord.UNKNOWN);
      assertThat(message.position().offset()).isEqualTo(message.offset());
    }
  }

  @FuzzTest
  void memberEvent_isTheSameWhenWrittenAgain_orRefused(byte[] payload) {
    MemberEvent event;
    try {
      event = MemberEvent.decode(payload);
    } catch (RecordFormatException e) {
      return;
    }
    assertThat(MemberEvent.decode(event.encode())).isEqualTo(event);
  }
}
