package io.lqrealtime.gateway.history;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The meters of the past. Counters may be used from any thread. */
final class HistoryMetrics {
  private static final Duration[] BUCKETS = {
    Duration.ofMillis(1),
    Duration.ofMillis(5),
    Duration.ofMillis(25),
    Duration.ofMillis(100),
    Duration.ofMillis(500),
    Duration.ofSeconds(2),
    Duration.ofSeconds(10)
  };

  private final MeterRegistry registry;
  private final Counter pages;
  private final Counter messages;
  private final Counter bytesRead;
  private final Counter hits;
  private final Counter misses;
  private final Counter unavailable;
  private final Timer page;

  HistoryMetrics(MeterRegistry registry) {
    this.registry = registry;
    pages = counter("lq.history.pages", "Pages of the past that were given");
    messages = counter("lq.history.messages", "Messages in them");
    bytesRead = counter("lq.history.read.bytes", "Bytes read of the log and its index for that");
    hits = counter("lq.history.cache.hits", "Parts of the log that were in memory");
    misses = counter("lq.history.cache.misses", "Parts of the log that had to be read");
    unavailable = counter("lq.history.unavailable", "Questions that could not be answered");
    page =
        Timer.builder("lq.history.page")
            .description("From a question for a page to its answer")
            .serviceLevelObjectives(BUCKETS)
            .register(registry);
  }

  private Counter counter(String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }

  void watch(Supplier<Number> pending, Supplier<Number> cacheBytes) {
    Gauge.builder("lq.history.pending", pending)
        .description("Questions that wait for an answer")
        .register(registry);
    Gauge.builder("lq.history.cache.bytes", cacheBytes)
        .description("Memory in use for parts of the log and its index")
        .register(registry);
  }

  void page(int count, long nanos) {
    pages.increment();
    messages.increment(count);
    page.record(nanos, TimeUnit.NANOSECONDS);
  }

  void read(int bytes) {
    bytesRead.increment(bytes);
  }

  void cacheHit() {
    hits.increment();
  }

  void cacheMiss() {
    misses.increment();
  }

  void unavailable() {
    unavailable.increment();
  }
}
