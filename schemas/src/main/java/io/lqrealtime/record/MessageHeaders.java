package io.lqrealtime.record;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The headers of an inbound record that the service reads, collected in one pass over all of them:
 * where one is repeated the last counts, and one without a value counts as absent. {@code channel},
 * {@code id} and {@code from} go before CloudEvents' names for them. Any others are passed over, so
 * that a record with a thousand headers costs no memory here.
 *
 * <p>Whoever reads the log reads by these rules, or would see another message than the router
 * routed. Arrays are shared, and not to be changed. Not safe for several threads.
 */
public final class MessageHeaders {
  private static final byte[] MESSAGE = RecordHeader.MESSAGE_TYPE.getBytes(UTF_8);

  private byte @Nullable [] type;
  private byte @Nullable [] channel;
  private byte @Nullable [] id;
  private byte @Nullable [] from;
  private byte @Nullable [] mac;
  private byte @Nullable [] origin;
  private byte @Nullable [] ceSubject;
  private byte @Nullable [] ceId;
  private byte @Nullable [] ceSource;

  /** Takes the next header of the record. */
  public void add(String name, byte @Nullable [] value) {
    switch (name) {
      case RecordHeader.TYPE -> type = value;
      case RecordHeader.CHANNEL -> channel = value;
      case RecordHeader.ID -> id = value;
      case RecordHeader.FROM -> from = value;
      case RecordHeader.MAC -> mac = value;
      case RecordHeader.ORIGIN -> origin = value;
      case RecordHeader.CE_SUBJECT -> ceSubject = value;
      case RecordHeader.CE_ID -> ceId = value;
      case RecordHeader.CE_SOURCE -> ceSource = value;
      default -> {
        // Not one of ours.
      }
    }
  }

  /** Whether the record is a message, and not one of the service's control records. */
  public boolean isMessage() {
    return type == null || Arrays.equals(type, MESSAGE);
  }

  public Optional<byte[]> type() {
    return Optional.ofNullable(type);
  }

  public Optional<byte[]> channel() {
    return Optional.ofNullable(channel != null ? channel : ceSubject);
  }

  public Optional<byte[]> id() {
    return Optional.ofNullable(id != null ? id : ceId);
  }

  public Optional<byte[]> from() {
    return Optional.ofNullable(from != null ? from : ceSource);
  }

  /** The id as text, of a message that was found valid; an empty one says as little as none. */
  public Optional<String> idText() {
    return text(id());
  }

  /** The sender as text, of a message that was found valid; an empty one says as little as none. */
  public Optional<String> fromText() {
    return text(from());
  }

  public Optional<byte[]> mac() {
    return Optional.ofNullable(mac);
  }

  public Optional<byte[]> origin() {
    return Optional.ofNullable(origin);
  }

  private static Optional<String> text(Optional<byte[]> header) {
    return header.filter(bytes -> bytes.length > 0).map(bytes -> new String(bytes, UTF_8));
  }
}
