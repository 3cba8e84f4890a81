package io.lqrealtime.gateway.delivery;

import io.lqrealtime.gateway.session.Recent;
import io.lqrealtime.gateway.session.TenantChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The last messages that passed through this gateway, by channel: what clients that reconnect, or
 * have fallen a little behind, are served from.
 *
 * <p>Bounds: bytes of all channels together, the oldest going first whosever it is, and bytes of
 * one channel. A frame counts with what it costs to keep it.
 *
 * <p>For each partition there is a <em>floor</em>: what was routed to this gateway past it is here,
 * but for what a channel's own bound let go. Filled by the reader of the gateway's topic, read by
 * the I/O threads; one lock, held for a binary search and a copy of references.
 */
public final class RecentMessages implements Recent {
  /** What a message costs beside its frame's bytes: an array's header, a node, its places. */
  static final int OVERHEAD_BYTES = 80;

  private static final long NOTHING = Long.MAX_VALUE;

  private final long maxBytes;
  private final long maxChannelBytes;
  private final long[] floor;
  private final long[] reached;

  /** Channels that are active since no later belong to a stream that has ended. */
  private final long[] endedAt;

  private final Map<TenantChannel, Tail> tails = new HashMap<>();

  /** The head of the ring of all messages: the oldest is next to it, the newest before it. */
  private final Node order = new Node();

  private long bytes;

  public RecentMessages(int partitions, long maxBytes, long maxChannelBytes) {
    this.maxBytes = maxBytes;
    this.maxChannelBytes = maxChannelBytes;
    this.floor = new long[partitions];
    this.reached = new long[partitions];
    Arrays.fill(floor, NOTHING);
    Arrays.fill(reached, -1);
    this.endedAt = new long[partitions];
    Arrays.fill(endedAt, -1);
  }

  /** The next message of a contiguous stream. */
  public synchronized void add(TenantChannel channel, int partition, long offset, byte[] frame) {
    reached[partition] = Math.max(reached[partition], offset);
    Tail tail = tails.computeIfAbsent(channel, name -> new Tail(name, partition));
    if (offset <= tail.last()) {
      // Sent again to a new generation of this gateway.
      return;
    }
    Node node = new Node(tail, offset, frame);
    node.insertBefore(order);
    tail.add(node);
    bytes += node.cost();
    if (tail.bytes > maxChannelBytes) {
      drop(tail);
    }
    while (bytes > maxBytes) {
      Tail oldest = order.next.tail();
      drop(oldest);
      if (oldest.size == 0) {
        // That it lacks something is now for the partition to remember.
        floor[oldest.partition] = Math.max(floor[oldest.partition], oldest.droppedUpTo);
        tails.remove(oldest.channel);
      }
    }
  }

  private void drop(Tail tail) {
    Node oldest = tail.removeOldest();
    oldest.unlink();
    bytes -= oldest.cost();
  }

  /** The stream has come to an offset that is no message which anybody here wants. */
  public synchronized void reached(int partition, long offset) {
    reached[partition] = Math.max(reached[partition], offset);
  }

  /** The stream goes on past an offset, and what was before may be missing. */
  public synchronized void startAt(int partition, long offset) {
    floor[partition] = offset;
    reached[partition] = Math.max(reached[partition], offset);
  }

  /**
   * The stream has ended. What is active in the next one is so past where this one had come, since
   * it is asked for afterwards: by that, a reader is told apart who has not heard of the end yet.
   */
  public synchronized void stop(int partition) {
    floor[partition] = NOTHING;
    endedAt[partition] = reached[partition];
  }

  /** What the messages here cost. From any thread. */
  public synchronized long bytes() {
    return bytes;
  }

  @Override
  public synchronized Read read(
      TenantChannel channel, int partition, long after, long activeFrom, int room) {
    if (floor[partition] == NOTHING || activeFrom <= endedAt[partition]) {
      // Up to where that stream had come it is in the log.
      return new Read.Missing(Math.max(activeFrom, endedAt[partition]));
    }
    Tail tail = tails.get(channel);
    long least = Math.max(floor[partition], activeFrom);
    if (tail != null) {
      least = Math.max(least, tail.droppedUpTo);
    }
    if (after < least) {
      return new Read.Missing(least);
    }
    if (tail == null) {
      return new Read.Messages(List.of(), Math.max(after, reached[partition]), true);
    }
    return tail.read(after, room, reached[partition]);
  }

  /** A message, in the ring of all of them. */
  private static final class Node {
    private final @Nullable Tail tail;
    final long offset;
    final byte[] frame;
    private Node previous = this;
    Node next = this;

    /** The ring's head, which is no message. */
    Node() {
      this.tail = null;
      this.offset = -1;
      this.frame = new byte[0];
    }

    Node(Tail tail, long offset, byte[] frame) {
      this.tail = tail;
      this.offset = offset;
      this.frame = frame;
    }

    Tail tail() {
      if (tail == null) {
        throw new IllegalStateException("the head is no message");
      }
      return tail;
    }

    int cost() {
      return frame.length + OVERHEAD_BYTES;
    }

    void insertBefore(Node node) {
      previous = node.previous;
      next = node;
      previous.next = this;
      node.previous = this;
    }

    void unlink() {
      previous.next = next;
      next.previous = previous;
    }
  }

  /** A channel's messages, as a ring in which offsets rise. */
  private static final class Tail {
    private static final int INITIAL = 4;

    final TenantChannel channel;
    final int partition;
    private @Nullable Node[] ring = new Node[INITIAL];
    private int head;
    int size;
    long bytes;
    long droppedUpTo = -1;

    Tail(TenantChannel channel, int partition) {
      this.channel = channel;
      this.partition = partition;
    }

    void add(Node node) {
      if (size == ring.length) {
        grow();
      }
      ring[place(size)] = node;
      size++;
      bytes += node.cost();
    }

    Node removeOldest() {
      Node oldest = at(0);
      ring[head] = null;
      head = place(1);
      size--;
      bytes -= oldest.cost();
      droppedUpTo = oldest.offset;
      return oldest;
    }

    long last() {
      return size == 0 ? droppedUpTo : at(size - 1).offset;
    }

    Read read(long after, int room, long reached) {
      int from = firstPast(after);
      List<byte[]> found = new ArrayList<>();
      long left = room;
      int i = from;
      while (i < size && (left > 0 || i == from)) {
        byte[] frame = at(i).frame;
        found.add(frame);
        left -= frame.length;
        i++;
      }
      boolean complete = i == size;
      long seen = i == from ? after : at(i - 1).offset;
      return new Read.Messages(found, complete ? Math.max(seen, reached) : seen, complete);
    }

    private int firstPast(long after) {
      int low = 0;
      int high = size;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (at(middle).offset > after) {
          high = middle;
        } else {
          low = middle + 1;
        }
      }
      return low;
    }

    private Node at(int index) {
      return Objects.requireNonNull(ring[place(index)]);
    }

    private int place(int index) {
      return (head + index) & (ring.length - 1);
    }

    private void grow() {
      @Nullable Node[] wider = new Node[ring.length * 2];
      for (int i = 0; i < size; i++) {
        wider[i] = at(i);
      }
      ring = wider;
      head = 0;
    }
  }
}
