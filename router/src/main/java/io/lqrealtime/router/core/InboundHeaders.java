package io.lqrealtime.router.core;

import io.lqrealtime.record.RecordHeader;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The headers of an inbound record that the router reads, collected in one pass over all of them:
 * where one is repeated the last counts, and one without a value counts as absent. Any others are
 * passed over, so that a record with a thousand headers costs no memory here.
 *
 * <p>Not safe for several threads.
 */
public final class InboundHeaders {
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

  Optional<byte[]> type() {
    return Optional.ofNullable(type);
  }

  Optional<byte[]> channel() {
    return Optional.ofNullable(channel != null ? channel : ceSubject);
  }

  Optional<byte[]> id() {
    return Optional.ofNullable(id != null ? id : ceId);
  }

  Optional<byte[]> from() {
    return Optional.ofNullable(from != null ? from : ceSource);
  }

  Optional<byte[]> mac() {
    return Optional.ofNullable(mac);
  }

  Optional<byte[]> origin() {
    return Optional.ofNullable(origin);
  }
}
