package io.lqrealtime.tenant;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.lqrealtime.record.ControlKey;
import io.lqrealtime.record.FormatVersion;
import io.lqrealtime.record.RecordFormatException;
import io.lqrealtime.tenant.TenantOrderCodec.Addressed;
import io.lqrealtime.tenant.TenantOrderCodec.Encoded;
import java.util.Arrays;
import java.util.List;

/**
 * Orders of whatever bytes, as if their MAC were right: refused with the documented exception, or
 * read as an order that is the same when it has been written and read again, and keeps its place in
 * the tenants topic. The input is an octet that chooses the type, and the value.
 */
class TenantOrderCodecFuzzTest {
  private static final ControlKey KEY = new ControlKey(new byte[ControlKey.MIN_BYTES]);
  private static final List<String> TYPES =
      List.of("tenant-policy", "disconnect", "unsubscribe-client", "revoke", "x");

  @FuzzTest
  @DictionaryEntries({
    "{\"v\":1,",
    "\"region\":\"local\",",
    "\"partition\":4,",
    "\"tenant\":\"acme\",",
    "\"by\":\"ops\"",
    ",\"user\":\"mallory\"",
    ",\"issued\":1790000000000",
    ",\"everyone\":true",
    ",\"connection\":\"g1-1-2\"",
    ",\"channel\":\"room.1\"",
    ",\"issuedBefore\":1790000000",
    ",\"policy\":{\"connections\":500",
    "\"bytesPerSecond\":1024"
  })
  void decode_givesWhatIsTheSameWhenWrittenAgain_orRefuses(byte[] input) {
    if (input.length == 0) {
      return;
    }
    String type = TYPES.get((input[0] & 0x7f) % TYPES.size());
    byte[] value = Arrays.copyOfRange(input, 1, input.length);
    Addressed addressed;
    try {
      addressed = TenantOrderCodec.decode(type, value);
    } catch (RecordFormatException e) {
      return;
    }
    TenantOrder order = addressed.order();
    assertThat(TenantOrderCodec.typeOf(order)).isEqualTo(type);
    assertThat(new String(TenantOrderCodec.snapshotKey(order), UTF_8))
        .startsWith(order.tenant() + " " + type);
    for (int version = 1; version <= FormatVersion.NEWEST; version++) {
      Encoded encoded = TenantOrderCodec.encode(addressed, KEY, new FormatVersion(version));
      assertThat(new String(encoded.headers().get("from").getBytes(UTF_8), UTF_8))
          .isEqualTo(order.by());
      assertThat(TenantOrderCodec.decode(type, encoded.value())).isEqualTo(addressed);
    }
  }
}
