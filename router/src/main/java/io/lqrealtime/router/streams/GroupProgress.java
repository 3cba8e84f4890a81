package io.lqrealtime.router.streams;

import java.util.OptionalLong;

/** How far the routers' group has committed the inbound log. Safe for use by several threads. */
@FunctionalInterface
interface GroupProgress {
  /**
   * The offset below which no record of the partition is read again; empty if that is not known.
   * Never blocks; may lag behind.
   */
  OptionalLong committed(int partition);
}
