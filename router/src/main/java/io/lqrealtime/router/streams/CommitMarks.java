package io.lqrealtime.router.streams;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Tells a processor that a commit is about to happen, which Streams has no call for, so that it can
 * persist by the batch what it would else have to persist with each record.
 *
 * <p>The means is a store with a cache and without a changelog. A processor with something to
 * persist puts a mark into it. {@code StreamTask.prepareCommit} (Kafka 4.3.1) flushes the caches,
 * then the producer, and only then the offsets are committed, on revocation and at the end too; the
 * flushed mark arrives at {@link MarkStore#put}, which calls the processor. What that puts into a
 * logged store is so in the changelog before the commit, under the record context in which the mark
 * was put.
 *
 * <p>A cache that overflows is flushed in between, amid a record or a tick of any processor of the
 * thread. No flush of the producer follows that, so it has to be told apart: {@link #enter} and
 * {@link #leave} embrace whatever puts into a cached store.
 *
 * <p>Safe for use by several threads; a listener is called by its own.
 */
final class CommitMarks {
  static final String STORE = "commit-marks";

  private static final byte[] MARK = {1};

  private final Map<Integer, Listener> listeners = new ConcurrentHashMap<>();
  private final AtomicInteger lastNumber = new AtomicInteger();
  private final ThreadLocal<boolean[]> atWork = ThreadLocal.withInitial(() -> new boolean[1]);

  /** A processor that wants to know of commits. */
  @FunctionalInterface
  interface Listener {
    /**
     * The mark is gone.
     *
     * @param beforeCommit whether the producer is flushed next, and then the offsets committed
     */
    void flushed(boolean beforeCommit);
  }

  /** A processor's place to put its mark; closed before the processor is. */
  final class Mark implements AutoCloseable {
    private final int number;
    private final byte[] key;
    private final KeyValueStore<byte[], byte[]> store;

    private Mark(KeyValueStore<byte[], byte[]> store) {
      this.number = lastNumber.incrementAndGet();
      this.key = ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
      this.store = store;
    }

    /** Asks to be told; to be called while a record is processed. */
    void put() {
      store.put(key, MARK);
    }

    @Override
    public void close() {
      listeners.remove(number);
    }
  }

  /** The store to connect to the processor. */
  StoreBuilder<KeyValueStore<byte[], byte[]>> store() {
    return Stores.keyValueStoreBuilder(new Supplier(this), Serdes.ByteArray(), Serdes.ByteArray())
        .withCachingEnabled()
        .withLoggingDisabled();
  }

  Mark mark(ProcessorContext<?, ?> context, Listener listener) {
    Mark mark = new Mark(context.getStateStore(STORE));
    listeners.put(mark.number, listener);
    return mark;
  }

  /** The calling thread begins with a record, a tick, or the start of a processor. */
  void enter() {
    atWork.get()[0] = true;
  }

  void leave() {
    atWork.get()[0] = false;
  }

  void flushed(byte[] key) {
    Listener listener = listeners.get(ByteBuffer.wrap(key).getInt());
    if (listener != null) {
      listener.flushed(!atWork.get()[0]);
    }
  }

  private record Supplier(CommitMarks marks) implements KeyValueBytesStoreSupplier {
    @Override
    public String name() {
      return STORE;
    }

    @Override
    public KeyValueStore<org.apache.kafka.common.utils.Bytes, byte[]> get() {
      return new MarkStore(marks);
    }

    @Override
    public String metricsScope() {
      return "marks";
    }
  }
}
