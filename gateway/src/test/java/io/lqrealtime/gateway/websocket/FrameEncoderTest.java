package io.lqrealtime.gateway.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameEncoderTest {

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  @Test
  void text_ofHello_isTheRfcsExample() {
    byte[] hello = "xHellox".getBytes(UTF_8);
    assertThat(hex(FrameEncoder.text(hello, 1, 5))).isEqualTo("810548656c6c6f");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 8100",
    "1, 8101",
    "125, 817d",
    "126, 817e007e",
    "256, 817e0100",
    "65535, 817effff",
    "65536, 817f0000000000010000",
    "16777217, 817f0000000001000001",
    "2147483647, 817f000000007fffffff",
  })
  void writeTextHeader_ofAnyLength_isTheShortest(int length, String expected) {
    byte[] target = new byte[32];
    Arrays.fill(target, (byte) 0x55);

    int payload = FrameEncoder.writeTextHeader(target, 3, length);

    assertThat(payload).isEqualTo(3 + FrameEncoder.headerLength(length));
    assertThat(hex(Arrays.copyOfRange(target, 3, payload))).isEqualTo(expected);
    assertThat(hex(Arrays.copyOf(target, 3))).isEqualTo("555555");
    assertThat(target[payload]).isEqualTo((byte) 0x55);
    assertThat(FrameEncoder.headerLength(length))
        .isLessThanOrEqualTo(FrameEncoder.MAX_HEADER_LENGTH);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 125, 126, 65_535, 65_536})
  void text_ofAnyLength_isHeaderAndPayload(int length) {
    byte[] payload = new byte[length];
    Arrays.fill(payload, (byte) 'a');
    byte[] frame = FrameEncoder.text(payload, 0, length);
    int header = FrameEncoder.headerLength(length);
    assertThat(frame).hasSize(header + length);
    assertThat(Arrays.copyOfRange(frame, header, frame.length)).isEqualTo(payload);
  }

  @Test
  void ping_andPong_carryTheirPayload() {
    assertThat(hex(FrameEncoder.ping(new byte[0]))).isEqualTo("8900");
    assertThat(hex(FrameEncoder.ping(new byte[] {1, 2}))).isEqualTo("89020102");
    assertThat(hex(FrameEncoder.pong(new byte[] {9, 1, 2, 9}, 1, 2))).isEqualTo("8a020102");
    assertThat(FrameEncoder.ping(new byte[125])).hasSize(127);
  }

  @Test
  void ping_andPong_ofMoreThan125Bytes_areRefused() {
    assertThatThrownBy(() -> FrameEncoder.ping(new byte[126]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("125");
    assertThatThrownBy(() -> FrameEncoder.pong(new byte[200], 10, 126))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("125");
  }

  @Test
  void close_withCodeAndReason_hasBoth() {
    assertThat(hex(FrameEncoder.close(1000, ""))).isEqualTo("880203e8");
    assertThat(hex(FrameEncoder.close(4401, "ü"))).isEqualTo("88041131c3bc");
  }

  @Test
  void close_withoutStatus_isEmpty() {
    assertThat(hex(FrameEncoder.close(1005, "not sent"))).isEqualTo("8800");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 999, 1004, 1006, 1015, 2999, 5000, 65_536 + 1000})
  void close_withACodeThatMustNotBeSent_isRefused(int code) {
    assertThatThrownBy(() -> FrameEncoder.close(code, ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(String.valueOf(code));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "ü", "€", "😀"})
  void close_withALongReason_cutsItBetweenCodePoints(String character) {
    for (int ascii = 118; ascii <= 126; ascii++) {
      String reason = "r".repeat(ascii) + character.repeat(1_000);

      byte[] frame = FrameEncoder.close(1000, reason);

      String sent = new String(frame, 4, frame.length - 4, UTF_8);
      assertThat(reason).startsWith(sent);
      assertThat(frame[1]).isEqualTo((byte) (frame.length - 2));
      int size = character.getBytes(UTF_8).length;
      assertThat(frame.length - 4).isBetween(123 - size + 1, 123);
    }
  }

  @Test
  void close_withAReasonOf123Bytes_keepsItWhole() {
    assertThat(FrameEncoder.close(1000, "€".repeat(41))).hasSize(2 + 2 + 123);
  }
}
