package io.lqrealtime.gateway.history;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The blocks last used, up to a number of bytes; the one being used may be past it. Confined to one
 * thread, but for {@link #bytes}.
 */
final class BlockCache {
  private static final float LOAD_FACTOR = 0.75f;

  private record Key(int partition, long start) {}

  private final long maxBytes;
  private final Map<Key, Block> blocks = new LinkedHashMap<>(16, LOAD_FACTOR, true);
  private volatile long bytes;

  BlockCache(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  long bytes() {
    return bytes;
  }

  @Nullable Block get(int partition, long offset) {
    return blocks.get(new Key(partition, Block.startOf(offset)));
  }

  /** The block of an offset, a new one if need be. */
  Block open(int partition, long offset) {
    Key key = new Key(partition, Block.startOf(offset));
    Block block = blocks.get(key);
    if (block == null) {
      block = new Block(key.start());
      blocks.put(key, block);
      grow(block.cost());
    }
    return block;
  }

  /** A block has come to cost more, or less. */
  void changed(int partition, Block block, long before) {
    if (blocks.get(new Key(partition, block.start())) == block) {
      grow(block.cost() - before);
    }
  }

  private void grow(long difference) {
    long now = bytes + difference;
    Iterator<Block> eldest = blocks.values().iterator();
    // The last one is the one in use.
    for (int left = blocks.size(); now > maxBytes && left > 1; left--) {
      now -= eldest.next().cost();
      eldest.remove();
    }
    bytes = now;
  }
}
