package io.lqrealtime.gateway.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameDecoderTest {

  private static final FrameLimits LIMITS = new FrameLimits(1 << 18, 16);

  private static List<Event> decode(ClientFrames frames) {
    List<Event> whole = Events.of(LIMITS, frames.bytes());
    assertThat(Events.byteByByte(LIMITS, frames.bytes())).isEqualTo(whole);
    return whole;
  }

  @Test
  void decode_ofTheMaskedHelloOfTheRfc_isHello() {
    assertThat(decode(new ClientFrames().raw("81 85 37fa213d 7f9f4d5158")))
        .containsExactly(new Event.Text("Hello"));
  }

  @Test
  void decode_ofTheMaskedPongOfTheRfc_isAPongWithHello() {
    assertThat(decode(new ClientFrames().raw("8a 85 37fa213d 7f9f4d5158")))
        .containsExactly(new Event.Pong("Hello"));
  }

  @ParameterizedTest
  @ValueSource(
      ints = {0, 1, 7, 8, 9, 124, 125, 126, 127, 255, 256, 65_535, 65_536, 70_000, 1 << 18})
  void decode_ofATextOfAnyLength_givesIt(int length) {
    String text = "0123456789abcdef".repeat(length / 16 + 1).substring(0, length);
    assertThat(decode(new ClientFrames().text(text).text("next")))
        .containsExactly(new Event.Text(text), new Event.Text("next"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"κόσμε", "€", "😀", "\u0000", "\uFFFF", "\uD7FF\uE000", "\uDBFF\uDFFF"})
  void decode_ofTextThatIsNotAscii_givesIt(String text) {
    for (int before = 0; before < 17; before++) {
      String padded = "x".repeat(before) + text;
      assertThat(decode(new ClientFrames().text(padded))).containsExactly(new Event.Text(padded));
    }
  }

  @Test
  void decode_ofAFrameWithOneBadByteAnywhere_isNotUtf8() {
    for (int index = 0; index < 40; index++) {
      byte[] text = "a".repeat(40).getBytes(UTF_8);
      text[index] = (byte) 0x80;
      assertThat(decode(new ClientFrames().frame(true, Opcode.TEXT, text).text("ignored")))
          .as("at %d", index)
          .containsExactly(new Event.Violated(Violation.NOT_UTF8));
    }
  }

  @Test
  void decode_ofAFragmentedText_givesItOnceWhole() {
    assertThat(
            decode(
                new ClientFrames().text(false, "Hel").more(false, "").more(true, "lo").text("!")))
        .containsExactly(new Event.Text("Hello"), new Event.Text("!"));
  }

  @Test
  void decode_ofEmptyFragments_givesAnEmptyText() {
    assertThat(decode(new ClientFrames().text(false, "").more(false, "").more(true, "")))
        .containsExactly(new Event.Text(""));
  }

  @Test
  void decode_ofACharacterCutByFragments_givesItWhole() {
    assertThat(
            decode(
                new ClientFrames()
                    .raw("01 81 00000000 F0")
                    .raw("00 80 00000000")
                    .raw("00 82 00000000 9F98")
                    .raw("80 82 00000000 8021")))
        .containsExactly(new Event.Text("😀!"));
  }

  @Test
  void decode_ofControlFramesBetweenFragments_reportsThemAtOnce() {
    assertThat(
            decode(
                new ClientFrames()
                    .text(false, "a")
                    .ping("1")
                    .more(false, "b")
                    .pong("2")
                    .ping("")
                    .more(true, "c")
                    .ping("3")))
        .containsExactly(
            new Event.Ping("1"),
            new Event.Pong("2"),
            new Event.Ping(""),
            new Event.Text("abc"),
            new Event.Ping("3"));
  }

  @Test
  void decode_ofACloseBetweenFragments_reportsItAndDropsTheMessage() {
    assertThat(decode(new ClientFrames().text(false, "a").close(1001, "").more(true, "b")))
        .containsExactly(new Event.Close(1001, ""));
  }

  @Test
  void decode_ofControlFramesOf125Bytes_reportsThem() {
    String longest = "p".repeat(125);
    assertThat(decode(new ClientFrames().ping(longest).pong(longest).close(1000, "r".repeat(123))))
        .containsExactly(
            new Event.Ping(longest),
            new Event.Pong(longest),
            new Event.Close(1000, "r".repeat(123)));
  }

  @Test
  void decode_ofAPingThatIsNotUtf8_reportsIt() {
    assertThat(decode(new ClientFrames().raw("89 82 00000000 FFC0")))
        .containsExactly(new Event.Ping("\u00FF\u00C0"));
  }

  @Test
  void decode_ofACloseWithoutPayload_saysThatThereIsNoStatus() {
    assertThat(decode(new ClientFrames().raw("88 80 12345678")))
        .containsExactly(new Event.Close(1005, ""));
  }

  @Test
  void decode_ofACloseWithReason_givesBoth() {
    assertThat(decode(new ClientFrames().close(4401, "tschüß")))
        .containsExactly(new Event.Close(4401, "tschüß"));
  }

  @Test
  void decode_ofEveryCloseCode_takesThoseOfTheRfcTheRegistryAndApplications() {
    for (int code = 0; code <= 0xFFFF; code++) {
      boolean allowed =
          (code >= 1000 && code <= 1003)
              || (code >= 1007 && code <= 1014)
              || (code >= 3000 && code <= 4999);
      Event expected =
          allowed ? new Event.Close(code, "") : new Event.Violated(Violation.CLOSE_CODE);
      assertThat(Events.of(LIMITS, new ClientFrames().close(code, "").bytes()))
          .as("close %d", code)
          .containsExactly(expected);
    }
  }

  @Test
  void decode_afterAClose_ignoresEverything() {
    assertThat(
            decode(new ClientFrames().text("a").close(1000, "").text("b").ping("c").raw("FFFFFF")))
        .containsExactly(new Event.Text("a"), new Event.Close(1000, ""));
  }

  @Test
  void decode_ofAMessageAsLongAsTheLimit_givesIt() {
    FrameLimits limits = new FrameLimits(10, 3);
    byte[] stream =
        new ClientFrames()
            .text("0123456789")
            .text(false, "01234")
            .more(false, "56789")
            .more(true, "")
            .bytes();
    assertThat(Events.of(limits, stream))
        .containsExactly(new Event.Text("0123456789"), new Event.Text("0123456789"));
  }

  @Test
  void decode_ofManyMessagesWithAsManyFragmentsAsTheLimit_countsAnewForEach() {
    FrameLimits limits = new FrameLimits(10, 2);
    ClientFrames frames = new ClientFrames();
    for (int message = 0; message < 5; message++) {
      frames.text(false, "a").more(true, "b");
    }
    assertThat(Events.of(limits, frames.bytes())).hasSize(5).containsOnly(new Event.Text("ab"));
  }

  @Test
  void decode_whoseHandlerStopsIt_deliversNothingMore() {
    FrameDecoder decoder = new FrameDecoder(FrameRules.plain(LIMITS));
    Events stopping =
        new Events() {
          @Override
          public void onText(byte[] buffer, int offset, int length, int received) {
            super.onText(buffer, offset, length, received);
            decoder.stop();
          }
        };
    stopping.read(decoder, new ClientFrames().ping("1").text("a").text("b").ping("2").bytes());
    stopping.read(decoder, new ClientFrames().text("c").raw("FF").bytes());
    assertThat(stopping.seen()).containsExactly(new Event.Ping("1"), new Event.Text("a"));
  }

  @Test
  void decode_whoseHandlerStopsItAtTheEndOfAFragmentedMessage_deliversNothingMore() {
    FrameDecoder decoder = new FrameDecoder(FrameRules.plain(LIMITS));
    Events stopping =
        new Events() {
          @Override
          public void onText(byte[] buffer, int offset, int length, int received) {
            super.onText(buffer, offset, length, received);
            decoder.stop();
          }
        };
    stopping.read(
        decoder, new ClientFrames().text(false, "a").more(true, "b").text("c").ping("").bytes());
    assertThat(stopping.seen()).containsExactly(new Event.Text("ab"));
    assertThat(decoder.retainedBytes()).isZero();
  }

  @Test
  void decode_whoseHandlerStopsItInAPingBetweenFragments_deliversNothingMore() {
    FrameDecoder decoder = new FrameDecoder(FrameRules.plain(LIMITS));
    Events stopping =
        new Events() {
          @Override
          public void onPing(byte[] buffer, int offset, int length) {
            super.onPing(buffer, offset, length);
            decoder.stop();
          }
        };
    stopping.read(
        decoder, new ClientFrames().text(false, "a").ping("1").ping("2").more(true, "b").bytes());
    assertThat(stopping.seen()).containsExactly(new Event.Ping("1"));
    assertThat(decoder.retainedBytes()).isZero();
  }

  @Test
  void decode_whoseHandlerThrows_throwsItAndStops() {
    FrameDecoder decoder = new FrameDecoder(FrameRules.plain(LIMITS));
    RuntimeException thrown = new IllegalStateException("the handler's");
    Events throwing =
        new Events() {
          @Override
          public void onText(byte[] buffer, int offset, int length, int received) {
            throw thrown;
          }
        };
    ByteBuffer in = ByteBuffer.wrap(new ClientFrames().text("a").ping("1").bytes());
    assertThatThrownBy(() -> decoder.decode(in, throwing)).isSameAs(thrown);
    assertThat(in.hasRemaining()).isFalse();

    throwing.read(decoder, new ClientFrames().ping("2").bytes());
    assertThat(throwing.seen()).isEmpty();
  }

  @Test
  void decode_ofNothing_reportsNothing() {
    assertThat(Events.of(LIMITS, new byte[0])).isEmpty();
  }

  @Test
  void decode_ofABufferWithoutAnArray_isRefused() {
    FrameDecoder decoder = new FrameDecoder(FrameRules.plain(LIMITS));
    Events events = new Events();
    ByteBuffer direct = ByteBuffer.allocateDirect(16);
    assertThatThrownBy(() -> decoder.decode(direct, events))
        .isInstanceOf(UnsupportedOperationException.class);
    ByteBuffer readOnly = ByteBuffer.allocate(16).asReadOnlyBuffer();
    assertThatThrownBy(() -> decoder.decode(readOnly, events))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void reason_ofEveryViolation_fitsIntoACloseFrame() {
    for (Violation violation : Violation.values()) {
      assertThat(violation.reason().getBytes(UTF_8)).hasSizeLessThanOrEqualTo(123);
      assertThat(FrameEncoder.close(violation.closeCode(), violation.reason()))
          .hasSize(2 + 2 + violation.reason().length());
    }
  }
}
