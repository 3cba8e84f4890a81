package io.lqrealtime.router.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lqrealtime.record.DeadLetterReason;
import io.lqrealtime.tenant.TenantOrderCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Decides on orders: each is announced to the gateways once, and only at the time that it was given
 * for. Whoever may read the log and append to it could else have an order obeyed again, and so take
 * back a newer one.
 *
 * <p>An order is remembered by its MAC, among the ids of messages. It is fresh for half of their
 * window at the most, before and after it was issued: so as long as a copy of it would be fresh,
 * the first one is remembered.
 */
final class OrderRouting {
  /** Begins what no channel's name begins with, since those have no spaces. */
  private static final String PURPOSE = "order ";

  private final Directory directory;
  private final IdHash idHash = new IdHash();

  OrderRouting(Directory directory) {
    this.directory = directory;
  }

  Decision decide(InboundRecord record, Reading.Order order) {
    RecentIds ids = directory.ids();
    long fresh = freshMillis(ids);
    if (Math.abs(record.time() - order.issued()) > fresh) {
      return Decision.rejected(
          DeadLetterReason.STALE_CONTROL,
          "issued at %d ms, and appended at %d ms: more than %d s lie between"
              .formatted(order.issued(), record.time(), fresh / 1_000));
    }
    List<Change> changes = new ArrayList<>();
    if (ids.isOn()) {
      IdFingerprint id =
          idHash.of(
              Objects.requireNonNull(record.key()),
              Optional.empty(),
              (PURPOSE + order.type()).getBytes(UTF_8),
              order.mac());
      if (ids.isRepeat(id, record.offset(), record.time())) {
        return Decision.rejected(DeadLetterReason.STALE_CONTROL, "given before, and repeated");
      }
      changes.add(new Change.IdSeen(id, record.offset(), record.time()));
    }
    return new Decision(
        new Decision.Verdict.Controlled(order.type(), Decision.ControlOutcome.APPLIED),
        List.of(new Effect.Announce(order.order())),
        changes);
  }

  private static long freshMillis(RecentIds ids) {
    return ids.isOn()
        ? Math.min(TenantOrderCodec.FRESH_MILLIS, ids.window() / 2)
        : TenantOrderCodec.FRESH_MILLIS;
  }
}
