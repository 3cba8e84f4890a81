package io.lqrealtime.router.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.LogId;
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
  private final PartitionStores stores =
      new PartitionStores(store("directory"), store("progress"), store("recent"));

  @Test
  void stateOfThisLog_isRestored() {
    stores.restore(new LogId(1), directory());
    StateCodec.write(up(), stores);
    Directory restored = directory();
    stores.restore(new LogId(1), restored);

    assertThat(restored.living()).isEqualTo(Map.of(G, 3L));
  }

  @Test
  void stateOfAFormerLog_isCleared() {
    stores.restore(new LogId(1), directory());
    StateCodec.write(up(), stores);
    Directory restored = directory();
    stores.restore(new LogId(2), restored);

    assertThat(restored.living()).isEmpty();
    stores.restore(new LogId(2), restored);
    assertThat(restored.living()).isEmpty();
  }

  private static Directory directory() {
    return new Directory(Duration.ofMinutes(2), new IdBudget(1_000));
  }

  private static Change up() {
    return new Change.PutGateway(G, new GatewayState(3, 1, 9, List.of(9L), false, 0));
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
