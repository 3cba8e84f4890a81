package io.lqrealtime.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.lqrealtime.record.ControlRecordCodec.Encoded;
import java.util.Arrays;
import java.util.List;

/**
 * Control records of whatever bytes, as if their MAC were right: refused with the documented
 * exception, or read as a record that is the same when it has been written and read again. The
 * input is an octet that chooses type and key, and the value.
 */
class ControlRecordCodecFuzzTest {
  private static final ControlKey KEY = new ControlKey(new byte[ControlKey.MIN_BYTES]);
  private static final List<String> TYPES =
      List.of(
          "subscribe", "unsubscribe", "gateway-up", "gateway-down", "roster", "join", "leave", "x");

  @FuzzTest
  @DictionaryEntries({
    "{\"v\":1,",
    "\"gateway\":\"g1\",",
    "\"generation\":7,",
    "\"sequence\":3,",
    "\"region\":\"local\",",
    "\"partition\":4",
    ",\"channels\":[\"room.1\"]",
    ",\"channel\":\"room.1\"",
    ",\"user\":\"alice\"",
    ",\"connection\":\"g1-1-2\"",
    ",\"again\":true",
    ",\"confirmed\":0"
  })
  void decode_givesWhatIsTheSameWhenWrittenAgain_orRefuses(byte[] input) {
    if (input.length == 0) {
      return;
    }
    int choice = input[0] & 0x1f;
    String type = TYPES.get(choice % 8);
    byte[] key =
        choice < 8 ? "acme".getBytes(UTF_8) : choice < 16 ? null : new byte[] {(byte) 0xff};
    byte[] value = Arrays.copyOfRange(input, 1, input.length);
    ControlRecord record;
    try {
      record = ControlRecordCodec.decode(type, key, value);
    } catch (RecordFormatException e) {
      return;
    }
    assertThat(ControlRecordCodec.isControlType(type)).isTrue();
    for (FormatVersion version : FormatVersionTest.ALL) {
      Encoded encoded = ControlRecordCodec.encode(record, KEY, version);
      assertThat(encoded.type()).isEqualTo(type);
      assertThat(encoded.partition()).isEqualTo(record.origin().partition());
      assertThat(encoded.key()).isIn(key, null);
      assertThat(KEY.verifies(encoded.mac(), type, encoded.key(), encoded.value())).isTrue();
      assertThat(ControlRecordCodec.decode(type, encoded.key(), encoded.value())).isEqualTo(record);
    }
  }
}
