package io.lqrealtime.gateway.session;

import io.lqrealtime.id.Cursor;
import io.lqrealtime.id.LogId;
import io.lqrealtime.id.Position;
import io.lqrealtime.id.Region;
import java.util.OptionalLong;

/** Offsets of this region's inbound log as the positions that clients know, and back. */
public final class LogPositions {
  private final Region region;
  private final LogId log;
  private final String prefix;

  public LogPositions(Region region, LogId log) {
    this.region = region;
    this.log = log;
    this.prefix = region.value() + '.' + log + '.';
  }

  public String text(int partition, long offset) {
    return prefix + partition + '.' + offset;
  }

  /** The offset that a cursor has in a partition; none if it is of another log or partition. */
  public OptionalLong offset(Cursor cursor, int partition) {
    return cursor
        .in(region)
        .filter(position -> position.log().equals(log) && position.partition() == partition)
        .map(Position::offset)
        .map(OptionalLong::of)
        .orElseGet(OptionalLong::empty);
  }
}
