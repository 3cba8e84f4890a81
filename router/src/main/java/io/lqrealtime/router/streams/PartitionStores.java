package io.lqrealtime.router.streams;

import io.lqrealtime.id.LogId;
import io.lqrealtime.record.FormatVersion;
import io.lqrealtime.router.core.Change;
import io.lqrealtime.router.core.Directory;
import io.lqrealtime.router.core.StateCodec;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A partition's stores. They say which log they are of: the offsets of one that was deleted and
 * created anew mean nothing in it, and a directory of the former would deliver wrongly, so what is
 * left of another log is cleared.
 */
final class PartitionStores implements StateCodec.Sink {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionStores.class);

  private final KeyValueStore<byte[], byte[]> directory;
  private final KeyValueStore<byte[], byte[]> progress;
  private final KeyValueStore<byte[], byte[]> recent;
  private final StateCodec codec;

  PartitionStores(
      KeyValueStore<byte[], byte[]> directory,
      KeyValueStore<byte[], byte[]> progress,
      KeyValueStore<byte[], byte[]> recent,
      FormatVersion format) {
    this.directory = directory;
    this.progress = progress;
    this.recent = recent;
    this.codec = new StateCodec(format);
  }

  /** Brings the directory to what is stored of this log. */
  void restore(LogId log, Directory state) {
    byte[] present = directory.get(StateCodec.logKey());
    if (present == null || !StateCodec.log(present).equals(log)) {
      if (present != null) {
        LOG.warn("The stored state is of another log than {}, and is cleared", log);
      }
      clear(recent);
      clear(progress);
      clear(directory);
      directory.put(StateCodec.logKey(), codec.logValue(log));
    }
    restore(StateCodec.Store.DIRECTORY, directory, state);
    restore(StateCodec.Store.PROGRESS, progress, state);
    restore(StateCodec.Store.RECENT, recent, state);
  }

  /** Persists the change, if it is one that is. */
  void write(Change change) {
    codec.write(change, this);
  }

  @Override
  public void put(StateCodec.Store store, byte[] key, byte @Nullable [] value) {
    switch (store) {
      case DIRECTORY -> directory.put(key, value);
      case PROGRESS -> progress.put(key, value);
      case RECENT -> recent.put(key, value);
    }
  }

  private static void restore(
      StateCodec.Store store, KeyValueStore<byte[], byte[]> from, Directory state) {
    try (KeyValueIterator<byte[], byte[]> all = from.all()) {
      while (all.hasNext()) {
        KeyValue<byte[], byte[]> stored = all.next();
        if (store != StateCodec.Store.DIRECTORY || !StateCodec.isLogKey(stored.key)) {
          state.apply(StateCodec.read(store, stored.key, stored.value));
        }
      }
    }
  }

  private static void clear(KeyValueStore<byte[], byte[]> store) {
    List<byte[]> keys = new ArrayList<>();
    try (KeyValueIterator<byte[], byte[]> all = store.all()) {
      all.forEachRemaining(stored -> keys.add(stored.key));
    }
    for (byte[] key : keys) {
      store.put(key, null);
    }
  }
}
