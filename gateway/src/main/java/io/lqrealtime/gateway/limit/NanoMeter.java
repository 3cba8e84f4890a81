package io.lqrealtime.gateway.limit;

import io.github.bucket4j.TimeMeter;
import java.util.function.LongSupplier;

/** A bucket's clock: one that only rises, and that a test may set. */
record NanoMeter(LongSupplier nanos) implements TimeMeter {
  @Override
  public long currentTimeNanos() {
    return nanos.getAsLong();
  }

  @Override
  public boolean isWallClockBased() {
    return false;
  }
}
