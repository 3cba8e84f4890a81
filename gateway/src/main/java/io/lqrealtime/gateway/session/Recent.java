package io.lqrealtime.gateway.session;

import java.util.List;

/**
 * What has passed through this gateway lately, kept in memory within bounds. It is filled before
 * deliveries are handed to the I/O threads, so it is never behind what one of them has seen. Safe
 * for several threads; a call takes a lock for a short time.
 */
public interface Recent {
  /** The outcome of {@link #read}. */
  sealed interface Read {
    /**
     * @param frames the channel's next messages, encoded and shared
     * @param cursor what the reader has seen with them
     * @param complete whether nothing of the channel is left: the reader is at the stream's end
     */
    record Messages(List<byte[]> frames, long cursor, boolean complete) implements Read {}

    /**
     * What the reader needs next is not here.
     *
     * @param upTo from past this offset on it is
     */
    record Missing(long upTo) implements Read {}
  }

  /**
   * Reads a channel's messages past an offset.
   *
   * @param activeFrom the channel's messages have come since this offset
   * @param maxBytes a first message comes whatever its size
   */
  Read read(TenantChannel channel, int partition, long after, long activeFrom, int maxBytes);
}
