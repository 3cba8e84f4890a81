package io.lqrealtime.router.streams;

import java.util.List;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** What lies behind the cache of {@link CommitMarks}: it keeps nothing, and says what arrives. */
final class MarkStore implements KeyValueStore<Bytes, byte[]> {
  private final CommitMarks marks;
  private boolean open;

  MarkStore(CommitMarks marks) {
    this.marks = marks;
  }

  @Override
  public String name() {
    return CommitMarks.STORE;
  }

  @Override
  public void init(StateStoreContext context, StateStore root) {
    context.register(
        root,
        (key, value) -> {
          throw new IllegalStateException("a store without a changelog is not restored");
        });
    open = true;
  }

  @Override
  public void put(Bytes key, byte[] value) {
    marks.flushed(key.get());
  }

  @Override
  public byte @Nullable [] get(Bytes key) {
    return null;
  }

  @Override
  public void close() {
    open = false;
  }

  @Override
  public boolean persistent() {
    return false;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public long approximateNumEntries() {
    return 0;
  }

  @Override
  public byte[] putIfAbsent(Bytes key, byte[] value) {
    throw new UnsupportedOperationException("only put");
  }

  @Override
  public void putAll(List<KeyValue<Bytes, byte[]>> entries) {
    throw new UnsupportedOperationException("only put");
  }

  @Override
  public byte[] delete(Bytes key) {
    throw new UnsupportedOperationException("only put");
  }

  @Override
  public KeyValueIterator<Bytes, byte[]> range(Bytes from, Bytes to) {
    throw new UnsupportedOperationException("only put");
  }

  @Override
  public KeyValueIterator<Bytes, byte[]> all() {
    throw new UnsupportedOperationException("only put");
  }
}
