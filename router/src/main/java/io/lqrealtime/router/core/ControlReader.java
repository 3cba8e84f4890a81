package io.lqrealtime.router.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lqrealtime.id.Region;
import io.lqrealtime.record.ControlRecord;
import io.lqrealtime.record.ControlRecordCodec;
import io.lqrealtime.record.DeadLetterReason;
import io.lqrealtime.record.RecordFormatException;
import io.lqrealtime.tenant.TenantOrderCodec;
import io.lqrealtime.topic.Placement;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads a control record: only one that was signed with a key for it, and for this region and
 * partition.
 */
final class ControlReader {
  private final ControlKeys keys;
  private final Region region;
  private final int partition;
  private final Placement placement;

  ControlReader(RoutingEngine.Setting setting) {
    this.keys = setting.keys();
    this.region = setting.region();
    this.partition = setting.partition();
    this.placement = setting.placement();
  }

  Reading read(String type, InboundRecord record) {
    boolean isOrder = TenantOrderCodec.isOrderType(type);
    if (!isOrder && !ControlRecordCodec.isControlType(type)) {
      return new Reading.Invalid(
          DeadLetterReason.UNKNOWN_TYPE, "neither a message nor a known control record");
    }
    Optional<byte[]> mac = record.headers().mac();
    byte[] value = record.value();
    if (mac.isEmpty()
        || value == null
        || !keys.verifies(new String(mac.get(), UTF_8), type, record.key(), value)) {
      return new Reading.Invalid(
          DeadLetterReason.FORGED_CONTROL, "a control record without a MAC of this service");
    }
    try {
      return isOrder
          ? order(type, record.key(), value, mac.get())
          : control(type, record.key(), value);
    } catch (RecordFormatException e) {
      Throwable why = e.getCause() == null ? e : e.getCause();
      return new Reading.Invalid(DeadLetterReason.BAD_CONTROL, String.valueOf(why.getMessage()));
    }
  }

  private Reading control(String type, byte @Nullable [] recordKey, byte[] value) {
    ControlRecord control = ControlRecordCodec.decode(type, recordKey, value);
    ControlRecord.Origin origin = control.origin();
    return isHere(origin.region(), origin.partition())
        ? new Reading.Control(type, control)
        : misplaced(origin.region(), origin.partition());
  }

  private Reading order(String type, byte @Nullable [] recordKey, byte[] value, byte[] mac) {
    TenantOrderCodec.Addressed addressed = TenantOrderCodec.decode(type, value);
    byte[] tenant = addressed.order().tenant().value().getBytes(UTF_8);
    if (!Arrays.equals(recordKey, tenant)) {
      // Whoever audits a tenant looks for its key.
      return new Reading.Invalid(
          DeadLetterReason.MISPLACED_CONTROL, "its key is another than its tenant");
    }
    // Elsewhere it would have no place in the order of the tenant's other records.
    return isHere(addressed.region(), addressed.partition())
            && placement.home(addressed.order().tenant()) == partition
        ? new Reading.Order(type, addressed.order(), addressed.issued(), mac)
        : misplaced(addressed.region(), addressed.partition());
  }

  private boolean isHere(Region writtenFor, int itsPartition) {
    return writtenFor.equals(region) && itsPartition == partition;
  }

  private static Reading misplaced(Region writtenFor, int itsPartition) {
    return new Reading.Invalid(
        DeadLetterReason.MISPLACED_CONTROL,
        "written for partition " + itsPartition + " in region " + writtenFor);
  }
}
