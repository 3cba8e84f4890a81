package io.lqrealtime.router.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lqrealtime.id.Region;
import io.lqrealtime.record.ControlKey;
import io.lqrealtime.record.ControlRecord;
import io.lqrealtime.record.ControlRecordCodec;
import io.lqrealtime.record.DeadLetterReason;
import io.lqrealtime.record.RecordFormatException;
import java.util.Optional;

/**
 * Reads a control record: only one that was signed with the service's key, and for this region and
 * partition.
 */
final class ControlReader {
  private final ControlKey key;
  private final Region region;
  private final int partition;

  ControlReader(ControlKey key, Region region, int partition) {
    this.key = key;
    this.region = region;
    this.partition = partition;
  }

  Reading read(String type, InboundRecord record) {
    if (!ControlRecordCodec.isControlType(type)) {
      return new Reading.Invalid(
          DeadLetterReason.UNKNOWN_TYPE, "neither a message nor a known control record");
    }
    Optional<byte[]> mac = record.headers().mac();
    byte[] value = record.value();
    if (mac.isEmpty()
        || value == null
        || !key.verifies(new String(mac.get(), UTF_8), type, record.key(), value)) {
      return new Reading.Invalid(
          DeadLetterReason.FORGED_CONTROL, "a control record without a MAC of this service");
    }
    ControlRecord control;
    try {
      control = ControlRecordCodec.decode(type, record.key(), value);
    } catch (RecordFormatException e) {
      return new Reading.Invalid(DeadLetterReason.BAD_CONTROL, String.valueOf(e.getCause()));
    }
    ControlRecord.Origin origin = control.origin();
    if (!origin.region().equals(region) || origin.partition() != partition) {
      return new Reading.Invalid(
          DeadLetterReason.MISPLACED_CONTROL,
          "written for partition " + origin.partition() + " in region " + origin.region());
    }
    return new Reading.Control(type, control);
  }
}
