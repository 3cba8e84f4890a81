package io.lqrealtime.gateway.session;

import io.lqrealtime.id.TenantId;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/**
 * What was routed in the past, for sessions that catch up: read from the log, in pages. Never
 * blocks the caller; each answer comes once, on whatever thread.
 *
 * <p>An unavailable answer comes no sooner than a moment after the question, so that who asks again
 * at once does not spin.
 */
public interface History {
  /** As {@link Request#upTo}: up to the end that the log has when the request is served. */
  long END = Long.MAX_VALUE;

  /** From where somebody wants to read. */
  sealed interface From {
    /** Past this offset of the partition. */
    record After(long offset) implements From {}

    /** Everything that is retained. */
    record Earliest() implements From {}

    /** What was appended at or after this instant. */
    record At(Instant instant) implements From {
      /** The first of the log's times, which are in milliseconds, that is not before it. */
      public long epochMillis() {
        return instant.plusNanos(999_999).toEpochMilli();
      }
    }
  }

  /** What a {@link From} comes to. */
  sealed interface Start {
    /**
     * Everything past this offset can be had.
     *
     * @param offset -1 where it is the log's first record
     */
    record After(long offset) implements Start {}

    /**
     * Not everything can be had: it was deleted, or never was.
     *
     * @param oldest the first offset of the partition that is retained
     */
    record NotRetained(long oldest) implements Start {}

    /**
     * Nothing has been appended at or after the instant, up to this offset.
     *
     * @param last the partition's last offset; -1 where it has none
     */
    record NotYet(long last) implements Start {}

    /** Nobody can say at present. */
    record Unavailable() implements Start {}
  }

  /**
   * A page of a channel's messages: those past {@code after} and not past {@code upTo}, in order,
   * and no more of them than fit.
   *
   * @param upTo an offset of the partition, or {@link #END}
   * @param maxMessages 1 or more
   * @param maxBytes of their frames together; a first message comes whatever its size
   */
  record Request(
      TenantChannel channel, int partition, long after, long upTo, int maxMessages, int maxBytes) {}

  /**
   * A message of the past.
   *
   * @param frame as it goes to clients, encoded for WebSocket and shared
   */
  record Stored(long offset, byte[] frame) {}

  /** What a {@link Request} comes to. */
  sealed interface Page {
    /**
     * @param cursor all of the channel's messages up to this offset have been given
     * @param complete whether that is all that was asked for
     */
    record Messages(List<Stored> messages, long cursor, boolean complete) implements Page {
      public Messages {
        messages = List.copyOf(messages);
      }
    }

    /**
     * Messages past {@code after} have been deleted.
     *
     * @param oldest the first offset of the partition that is retained
     */
    record NotRetained(long oldest) implements Page {}

    /** Nobody can say at present. */
    record Unavailable() implements Page {}
  }

  /** Who asks. Its methods may be called from any thread. */
  interface Reader {
    TenantId tenant();

    /** Whether it still wants an answer; else one comes, and says nothing. */
    boolean isWaiting();
  }

  /** Finds out where a reader starts in a partition. */
  void start(Reader reader, int partition, From from, Consumer<Start> answer);

  void read(Reader reader, Request request, Consumer<Page> answer);
}
