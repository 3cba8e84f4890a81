package io.lqrealtime.router.core;

import io.lqrealtime.record.GatewayRecord;
import io.lqrealtime.record.IndexRecord;
import io.lqrealtime.record.IndexRecordCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One partition at work: an engine, its directory, and the log of what was written to the stores.
 */
final class Partition {
  /** One put of a store, in order. */
  record Write(StateCodec.Store store, byte[] key, byte[] value) {}

  static final Duration WINDOW = Duration.ofMinutes(2);

  final Directory directory;
  final RoutingEngine engine;
  private final StateCodec codec;
  final List<Write> writes = new ArrayList<>();

  Partition(RoutingEngine.Setting setting) {
    this(setting, new Directory(WINDOW, new IdBudget(1_000_000)));
  }

  Partition(RoutingEngine.Setting setting, Directory directory) {
    this.directory = directory;
    engine = new RoutingEngine(setting, directory);
    codec = new StateCodec(setting.format());
  }

  Partition() {
    this(Log.setting(0, 1));
  }

  /** A partition restored from what some writes left behind. */
  static Partition restored(RoutingEngine.Setting setting, List<Write> writes) {
    Partition partition = new Partition(setting);
    for (StateCodec.Store store : StateCodec.Store.values()) {
      Map<byte[], byte[]> content = new TreeMap<>(Arrays::compareUnsigned);
      for (Write write : writes) {
        if (write.store() == store) {
          if (write.value() == null) {
            content.remove(write.key());
          } else {
            content.put(write.key(), write.value());
          }
        }
      }
      content.forEach(
          (key, value) -> partition.directory.apply(StateCodec.read(store, key, value)));
    }
    return partition;
  }

  Decision process(InboundRecord record) {
    Decision decision = engine.decide(record);
    apply(decision.changes());
    directory.readUpTo(record.offset(), record.time());
    return decision;
  }

  void apply(List<Change> changes) {
    for (Change change : changes) {
      directory.apply(change);
      codec.write(change, (store, key, value) -> writes.add(new Write(store, key, value)));
    }
  }

  /** Persists what was read, as before a commit. */
  void save() {
    apply(engine.unsaved());
  }

  /** A commit that goes well. */
  void commit() {
    save();
    directory.flushing();
    directory.flushed();
  }

  /** Writes to the index what is due. */
  List<IndexRecord> index() {
    List<IndexRecord> written = new ArrayList<>();
    for (Optional<Effect.Index> next = engine.index(); next.isPresent(); next = engine.index()) {
      written.add(IndexRecordCodec.decode(next.get().value()));
      directory.apply(new Change.Indexed(next.get().to()));
    }
    return written;
  }

  /** What the record made go to the gateway. */
  List<GatewayRecord> sent(InboundRecord record, String gateway) {
    return sent(process(record).effects(), gateway);
  }

  static List<GatewayRecord> sent(List<Effect> effects, String gateway) {
    return effects.stream()
        .filter(Effect.Deliver.class::isInstance)
        .map(Effect.Deliver.class::cast)
        .filter(deliver -> deliver.gateway().value().equals(gateway))
        .map(Effect.Deliver::record)
        .toList();
  }
}
