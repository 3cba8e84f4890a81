package io.lqrealtime.gateway.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import java.util.Random;

/**
 * A client's half of the stream, written by the letter of RFC 6455 section 5.2, a byte at a time.
 */
final class ClientFrames {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Random masks;

  ClientFrames() {
    this(new Random(42));
  }

  ClientFrames(Random masks) {
    this.masks = masks;
  }

  ClientFrames text(String text) {
    return frame(true, Opcode.TEXT, text.getBytes(UTF_8));
  }

  ClientFrames text(boolean last, String text) {
    return frame(last, Opcode.TEXT, text.getBytes(UTF_8));
  }

  ClientFrames more(boolean last, String text) {
    return frame(last, Opcode.CONTINUATION, text.getBytes(UTF_8));
  }

  ClientFrames ping(String payload) {
    return frame(true, Opcode.PING, payload.getBytes(UTF_8));
  }

  ClientFrames pong(String payload) {
    return frame(true, Opcode.PONG, payload.getBytes(UTF_8));
  }

  ClientFrames close(int code, String reason) {
    byte[] text = reason.getBytes(UTF_8);
    byte[] payload = new byte[2 + text.length];
    payload[0] = (byte) (code >>> 8);
    payload[1] = (byte) code;
    System.arraycopy(text, 0, payload, 2, text.length);
    return frame(true, Opcode.CLOSE, payload);
  }

  ClientFrames frame(boolean last, int opcode, byte[] payload) {
    header(last, opcode, payload.length);
    byte[] mask = new byte[4];
    masks.nextBytes(mask);
    bytes.writeBytes(mask);
    for (int index = 0; index < payload.length; index++) {
      bytes.write(payload[index] ^ mask[index % 4]);
    }
    return this;
  }

  /** The header only, up to the mask. */
  ClientFrames header(boolean last, int opcode, long length) {
    bytes.write((last ? 0x80 : 0) | opcode);
    if (length < 126) {
      bytes.write(0x80 | (int) length);
    } else if (length < 65_536) {
      bytes.write(0x80 | 126);
      bytes.write((int) length >>> 8);
      bytes.write((int) length);
    } else {
      bytes.write(0x80 | 127);
      for (int shift = 56; shift >= 0; shift -= 8) {
        bytes.write((int) (length >>> shift));
      }
    }
    return this;
  }

  ClientFrames raw(String hex) {
    bytes.writeBytes(HexFormat.of().parseHex(hex.replace(" ", "")));
    return this;
  }

  int size() {
    return bytes.size();
  }

  byte[] bytes() {
    return bytes.toByteArray();
  }
}
