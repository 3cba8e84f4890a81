package io.lqrealtime.gateway.history;

import io.lqrealtime.gateway.inbound.InboundLog;
import io.lqrealtime.gateway.session.History;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Supplier;

/** Stand-in. */
public final class LogHistory implements History, AutoCloseable {
  public LogHistory(
      Supplier<org.apache.kafka.clients.consumer.Consumer<byte[], byte[]>> consumers,
      String indexTopic,
      InboundLog log,
      long cacheBytes,
      MeterRegistry meters) {}

  @Override
  public void start(int partition, From from, java.util.function.Consumer<Start> answer) {
    answer.accept(new Start.Unavailable());
  }

  @Override
  public void read(Request request, java.util.function.Consumer<Page> answer) {
    answer.accept(new Page.Unavailable());
  }

  @Override
  public void close() {}
}
