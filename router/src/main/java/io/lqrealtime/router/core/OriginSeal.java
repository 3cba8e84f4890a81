package io.lqrealtime.router.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lqrealtime.record.ControlKey;
import java.util.Optional;

/**
 * The headers {@code origin} and {@code mac} of a message that the router sent home. By the origin
 * a record can be dropped as a copy, so it is believed only with a MAC over it, the key and the
 * value: whoever may write the log can neither make the router drop another's message nor pass its
 * own off as forwarded. A record whose origin is not believed is taken as if it had none.
 */
final class OriginSeal {
  /** No type of a control record starts like this, so no MAC of one is a MAC of the other. */
  private static final String PURPOSE = "origin:";

  private static final int MAX_LENGTH = 40;

  private final ControlKey key;

  OriginSeal(ControlKey key) {
    this.key = key;
  }

  Effect.Forward forward(int home, int partition, InboundRecord record, byte[] value) {
    String origin = partition + "@" + record.offset();
    return new Effect.Forward(home, origin, key.sign(PURPOSE + origin, record.key(), value));
  }

  /** Where the record comes from, if it says so and is to be believed. */
  Optional<Origins.Forwarded> read(InboundRecord record, byte[] value) {
    Optional<byte[]> origin = record.headers().origin();
    Optional<byte[]> mac = record.headers().mac();
    if (origin.isEmpty() || mac.isEmpty() || origin.get().length > MAX_LENGTH) {
      return Optional.empty();
    }
    String text = new String(origin.get(), UTF_8);
    return key.verifies(new String(mac.get(), UTF_8), PURPOSE + text, record.key(), value)
        ? Optional.of(parse(text, record.offset()))
        : Optional.empty();
  }

  /** Our own text, since the MAC says so. */
  private static Origins.Forwarded parse(String text, long home) {
    int at = text.indexOf('@');
    return new Origins.Forwarded(
        Integer.parseInt(text.substring(0, at)), Long.parseLong(text.substring(at + 1)), home);
  }
}
