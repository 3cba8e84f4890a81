package io.lqrealtime.router.streams;

import java.time.Duration;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/** The life cycle that Streams gives a {@link PartitionRouter}. */
final class RoutingProcessor implements Processor<byte[], byte[], byte[], Outgoing> {
  private static final Duration TICK = Duration.ofSeconds(1);

  private final RouterContext router;
  private @Nullable PartitionRouter partition;

  RoutingProcessor(RouterContext router) {
    this.router = router;
  }

  @Override
  public void init(ProcessorContext<byte[], Outgoing> context) {
    PartitionRouter started = new PartitionRouter(router, context);
    context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, started::tick);
    partition = started;
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    if (partition == null) {
      throw new IllegalStateException("not initialized");
    }
    partition.process(record);
  }

  @Override
  public void close() {
    if (partition != null) {
      partition.close();
      partition = null;
    }
  }
}
