package io.lqrealtime.router.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.LogId;
import io.lqrealtime.record.FormatVersion;
import io.lqrealtime.record.RecordFormatException;
import io.lqrealtime.router.core.Change;
import io.lqrealtime.router.core.Directory;
import io.lqrealtime.router.core.GatewayState;
import io.lqrealtime.router.core.IdBudget;
import io.lqrealtime.router.core.StateCodec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;

class PartitionStoresTest {
  private static final GatewayId G = new GatewayId("g");

  private final MockProcessorContext<byte[], byte[]> context = new MockProcessorContext<>();
  private final KeyValueStore<byte[], byte[]> directories = store("directory");
  private final KeyValueStore<byte[], byte[]> progress = store("progress");
  private final KeyValueStore<byte[], byte[]> recent = store("recent");
  private final PartitionStores stores = in(FormatVersion.FIRST);

  @Test
  void stateOfThisLog_isRestored() {
    stores.restore(new LogId(1), directory());
    stores.write(up());
    Directory restored = directory();
    stores.restore(new LogId(1), restored);

    assertThat(restored.living()).isEqualTo(Map.of(G, 3L));
  }

  @Test
  void stateOfAFormerLog_isCleared() {
    stores.restore(new LogId(1), directory());
    stores.write(up());
    Directory restored = directory();
    stores.restore(new LogId(2), restored);

    assertThat(restored.living()).isEmpty();
    stores.restore(new LogId(2), restored);
    assertThat(restored.living()).isEmpty();
  }

  /** A router of a former or of the next version takes over what this one has left. */
  @Test
  void stateOfAnotherVersion_isRestored() {
    PartitionStores next = in(FormatVersion.REHEARSAL);
    for (List<PartitionStores> order : List.of(List.of(stores, next), List.of(next, stores))) {
      order.getFirst().restore(new LogId(1), directory());
      order.getFirst().write(up());
      Directory restored = directory();
      order.getLast().restore(new LogId(1), restored);

      assertThat(restored.living()).isEqualTo(Map.of(G, 3L));
    }
  }

  @Test
  void stateOfANewerVersion_isRefusedAndKept() {
    stores.restore(new LogId(1), directory());
    byte[] log = directories.get(StateCodec.logKey());
    log[0] = FormatVersion.NEWEST + 1;
    directories.put(StateCodec.logKey(), log);

    assertThatExceptionOfType(RecordFormatException.class)
        .isThrownBy(() -> stores.restore(new LogId(1), directory()))
        .withMessageContaining("version 3");
    assertThat(directories.get(StateCodec.logKey())).isEqualTo(log);
  }

  private PartitionStores in(FormatVersion format) {
    return new PartitionStores(directories, progress, recent, format);
  }

  private static Directory directory() {
    return new Directory(Duration.ofMinutes(2), new IdBudget(1_000));
  }

  private static Change up() {
    return new Change.PutGateway(G, new GatewayState(3, 1, 9, List.of(9L), false, 0, 0));
  }

  private KeyValueStore<byte[], byte[]> store(String name) {
    KeyValueStore<byte[], byte[]> store =
        Stores.keyValueStoreBuilder(
                Stores.inMemoryKeyValueStore(name), Serdes.ByteArray(), Serdes.ByteArray())
            .withLoggingDisabled()
            .build();
    store.init(context.getStateStoreContext(), store);
    return store;
  }
}
