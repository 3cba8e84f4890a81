package io.lqrealtime.router.core;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.lqrealtime.frame.JsonLimits;
import io.lqrealtime.id.Channel;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import io.lqrealtime.record.DeadLetterReason;
import io.lqrealtime.text.Utf8;
import java.util.Optional;

/**
 * Reads a message as anybody may produce it: key = tenant, value = one JSON text in UTF-8, headers
 * of its own or of CloudEvents' binary mode. Checks come cheapest first; the first that fails names
 * the reason.
 *
 * <p>Immutable.
 *
 * @param maxPayloadBytes the largest value that is taken
 */
record MessageReader(int maxPayloadBytes) {
  static final int MAX_ID_LENGTH = 128;
  static final int MAX_FROM_LENGTH = UserId.MAX_LENGTH;

  Reading read(InboundRecord record) {
    byte[] key = record.key();
    byte[] value = record.value();
    if (key == null) {
      return invalid(DeadLetterReason.NO_KEY, "a message's key is its tenant");
    }
    if (value == null) {
      return invalid(DeadLetterReason.NOT_JSON, "no value");
    }
    if (value.length > maxPayloadBytes) {
      return invalid(
          DeadLetterReason.TOO_LARGE,
          "a value of " + value.length + " bytes; at most " + maxPayloadBytes + " are taken");
    }
    // Both alphabets are ASCII: any other byte becomes a character that they don't hold.
    String tenant = key.length > TenantId.MAX_LENGTH ? "" : new String(key, ISO_8859_1);
    if (!TenantId.isValid(tenant)) {
      return invalid(DeadLetterReason.BAD_KEY, "the key is no tenant's name");
    }
    Optional<byte[]> channelHeader = record.headers().channel();
    if (channelHeader.isEmpty()) {
      return invalid(DeadLetterReason.NO_CHANNEL, "neither header channel nor ce_subject");
    }
    byte[] channelBytes = channelHeader.get();
    String channel =
        channelBytes.length > Channel.MAX_LENGTH ? "" : new String(channelBytes, ISO_8859_1);
    if (!Channel.isValid(channel)) {
      return invalid(DeadLetterReason.BAD_CHANNEL, "the channel's name is not one");
    }
    if (!isText(record.headers().id(), MAX_ID_LENGTH)) {
      return invalid(DeadLetterReason.BAD_HEADER, "an id is up to 128 characters in UTF-8");
    }
    if (!isText(record.headers().from(), MAX_FROM_LENGTH)) {
      return invalid(DeadLetterReason.BAD_HEADER, "a sender is up to 200 characters in UTF-8");
    }
    if (!JsonLimits.isJson(value)) {
      return invalid(DeadLetterReason.NOT_JSON, "the value is not one JSON text in UTF-8");
    }
    return new Reading.Message(
        new ChannelName(new TenantId(tenant), new Channel(channel)),
        record.headers().idText(),
        record.headers().fromText());
  }

  private static Reading invalid(DeadLetterReason reason, String detail) {
    return new Reading.Invalid(reason, detail);
  }

  private static boolean isText(Optional<byte[]> header, int maxLength) {
    if (header.isEmpty()) {
      return true;
    }
    byte[] bytes = header.get();
    // Characters are code points, as everywhere in the protocol: up to four bytes of UTF-8 each.
    if (bytes.length > 4 * maxLength || !isUtf8(bytes)) {
      return false;
    }
    String text = new String(bytes, UTF_8);
    return text.codePointCount(0, text.length()) <= maxLength;
  }

  private static boolean isUtf8(byte[] bytes) {
    return Utf8.isValid(bytes, 0, bytes.length);
  }
}
