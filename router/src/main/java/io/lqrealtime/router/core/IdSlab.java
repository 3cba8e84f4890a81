package io.lqrealtime.router.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Ids that were first seen within a short time: the chunks that hold them, and a hash table over
 * these with open addressing. A slot is 4 bytes: the id's number in the slab plus 1, and above that
 * 10 bits of the fingerprint, so that a chunk is looked into almost only where the id is found.
 *
 * <p>Not safe for several threads.
 */
final class IdSlab {
  private static final int NUMBER_BITS = 22;
  private static final int NUMBER_MASK = (1 << NUMBER_BITS) - 1;

  /** A whole chunk more can still be numbered. */
  private static final int MAX_SIZE = NUMBER_MASK - IdChunk.MAX_COUNT;

  private static final int MIN_TABLE = 64;

  private final List<IdChunk> chunks = new ArrayList<>();
  private int[] starts = new int[8];
  private int[] table;
  private int size;
  private long firstTime;
  private long lastTime;

  /**
   * @param expected how many ids it may come to, so that its table need not grow while it does
   */
  IdSlab(int expected) {
    int wanted = Math.max(MIN_TABLE, expected + expected / 2);
    table = new int[Integer.highestOneBit(wanted - 1) << 1];
  }

  int size() {
    return size;
  }

  boolean isFull() {
    return size >= MAX_SIZE;
  }

  List<IdChunk> chunks() {
    return chunks;
  }

  long from() {
    return chunks.getFirst().offset(0);
  }

  /** The earliest time of an id in here. */
  long firstTime() {
    return firstTime;
  }

  /** The latest time of an id in here. */
  long lastTime() {
    return lastTime;
  }

  void add(IdFingerprint id, long offset, long time) {
    if (chunks.isEmpty() || chunks.getLast().isClosedTo(offset, time)) {
      append(IdChunk.open(offset, time));
    }
    chunks.getLast().add(id, offset, time);
    number(id.high(), id.low(), time);
  }

  /** Adds a chunk that was stored. */
  void add(IdChunk chunk) {
    append(chunk);
    for (int i = 0; i < chunk.count(); i++) {
      number(chunk.high(i), chunk.low(i), chunk.time(i));
    }
  }

  /** Whether the id is in here at a lower offset, and at a time not further away than this. */
  boolean has(IdFingerprint id, long offset, long time, long window) {
    int mask = table.length - 1;
    int tag = tag(id.high());
    for (int slot = (int) id.low() & mask; table[slot] != 0; slot = slot + 1 & mask) {
      if ((table[slot] & ~NUMBER_MASK) == tag) {
        int number = (table[slot] & NUMBER_MASK) - 1;
        int chunk = chunkOf(number);
        IdChunk in = chunks.get(chunk);
        int index = number - starts[chunk];
        if (in.is(index, id)
            && in.offset(index) < offset
            && Math.abs(time - in.time(index)) <= window) {
          return true;
        }
      }
    }
    return false;
  }

  private void append(IdChunk chunk) {
    if (chunks.size() == starts.length) {
      starts = Arrays.copyOf(starts, 2 * starts.length);
    }
    starts[chunks.size()] = size;
    chunks.add(chunk);
  }

  private void number(long high, long low, long time) {
    firstTime = size == 0 ? time : Math.min(firstTime, time);
    lastTime = size == 0 ? time : Math.max(lastTime, time);
    size++;
    if (size > table.length / 4 * 3) {
      grow();
    } else {
      put(size, high, low);
    }
  }

  private void put(int numberPlusOne, long high, long low) {
    int mask = table.length - 1;
    int slot = (int) low & mask;
    while (table[slot] != 0) {
      slot = slot + 1 & mask;
    }
    table[slot] = tag(high) | numberPlusOne;
  }

  private void grow() {
    table = new int[2 * table.length];
    int number = 0;
    for (IdChunk chunk : chunks) {
      for (int i = 0; i < chunk.count() && number < size; i++) {
        number++;
        put(number, chunk.high(i), chunk.low(i));
      }
    }
  }

  private int chunkOf(int number) {
    int found = Arrays.binarySearch(starts, 0, chunks.size(), number);
    return found >= 0 ? found : -found - 2;
  }

  private static int tag(long high) {
    return (int) high & ~NUMBER_MASK;
  }
}
