package io.lqrealtime.bench.load;

import java.nio.charset.StandardCharsets;

/**
 * A {@code publish} frame of a fixed size into which each message's {@link Stamp} is written,
 * twice: as {@code id} and in the payload {@code {"lq":"<stamp>","pad":"…"}}.
 */
final class PublishTemplate {

  /** The smallest payload that has room for a stamp. */
  static final int MIN_PAYLOAD = "{\"lq\":\"\",\"pad\":\"\"}".length() + Stamp.LENGTH;

  private static final int STAMP_IN_PAYLOAD = "{\"lq\":\"".length();

  private final byte[] frame;
  private final int idAt;
  private final int stampAt;

  PublishTemplate(String channel, int payloadBytes) {
    String zeros = "0".repeat(Stamp.LENGTH);
    String head = "{\"type\":\"publish\",\"id\":\"";
    String middle = "\",\"channel\":\"" + channel + "\",\"payload\":";
    String payload =
        "{\"lq\":\"" + zeros + "\",\"pad\":\"" + "p".repeat(payloadBytes - MIN_PAYLOAD) + "\"}";
    frame = (head + zeros + middle + payload + "}").getBytes(StandardCharsets.US_ASCII);
    idAt = head.length();
    stampAt = idAt + Stamp.LENGTH + middle.length() + STAMP_IN_PAYLOAD;
  }

  /** The frame of this message; the same array each time. */
  byte[] stamped(int run, int publisher, long sequence, long dueNanos) {
    Stamp.write(frame, idAt, run, publisher, sequence, dueNanos);
    System.arraycopy(frame, idAt, frame, stampAt, Stamp.LENGTH);
    return frame;
  }

  /** Reads the stamp of a payload that starts here; false where it is not one of ours. */
  static boolean readStamp(byte[] bytes, int payload, int end, Stamp into) {
    return end - payload >= MIN_PAYLOAD
        && bytes[payload] == '{'
        && bytes[payload + 2] == 'l'
        && bytes[payload + 3] == 'q'
        && bytes[payload + STAMP_IN_PAYLOAD - 1] == '"'
        && into.read(bytes, payload + STAMP_IN_PAYLOAD, end);
  }
}
