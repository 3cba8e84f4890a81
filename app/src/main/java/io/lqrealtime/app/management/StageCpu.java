package io.lqrealtime.app.management;

import com.sun.management.OperatingSystemMXBean;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Where the CPU time goes: {@code lq_cpu_seconds_total} by stage, told apart by the names of
 * threads. What no Java thread used (compilation, collection) is the stage {@code jvm}.
 *
 * <p>A thread that ends between two looks keeps what it was last seen to have used. A look costs
 * about a microsecond a thread, and is taken at most once in {@value #FRESH_MILLIS} ms.
 */
final class StageCpu implements MeterBinder {
  private static final long FRESH_MILLIS = 100;

  private enum Stage {
    GATEWAY_IO,
    GATEWAY_PRODUCER,
    GATEWAY_DELIVERY,
    GATEWAY_CONTROL,
    GATEWAY_HISTORY,
    GATEWAY_TOKENS,
    ROUTER,
    ROUTER_PRODUCER,
    BROKER,
    REDIS_CLIENT,
    OTHER,
    JVM;

    static Stage of(String thread) {
      if (thread.startsWith("lq-gateway I/O") || thread.startsWith("lq-gateway Accept")) {
        return GATEWAY_IO;
      }
      if (thread.startsWith("lq-gateway-delivery")) {
        return GATEWAY_DELIVERY;
      }
      if (thread.startsWith("lq-gateway-control")) {
        return GATEWAY_CONTROL;
      }
      if (thread.startsWith("lq-gateway-history")) {
        return GATEWAY_HISTORY;
      }
      if (thread.startsWith("lq-gateway-tokens")) {
        return GATEWAY_TOKENS;
      }
      if (thread.startsWith("kafka-producer-network-thread")) {
        return thread.contains("lq-gateway-") ? GATEWAY_PRODUCER : ROUTER_PRODUCER;
      }
      if (thread.startsWith("lq-router") || thread.contains("StreamThread")) {
        return ROUTER;
      }
      if (thread.startsWith("lq-redis") || thread.startsWith("lettuce")) {
        return REDIS_CLIENT;
      }
      if (thread.startsWith("data-plane-kafka")
          || thread.startsWith("kafka-")
          || thread.startsWith("group-coordinator")
          || thread.startsWith("quorum-controller")
          || thread.startsWith("raft-")
          || thread.startsWith("broker-")
          || thread.startsWith("controller-")
          || thread.contains("ExpirationReaper")
          || thread.contains("ExpirationService")) {
        return BROKER;
      }
      return OTHER;
    }
  }

  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final OperatingSystemMXBean system =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
  private final Map<Stage, Long> nanos = new EnumMap<>(Stage.class);
  private Map<Long, Long> seen = new HashMap<>();
  private long lookedAt;

  @Override
  public void bindTo(MeterRegistry registry) {
    for (Stage stage : Stage.values()) {
      FunctionCounter.builder("lq.cpu.seconds", this, self -> self.seconds(stage))
          .description("CPU time by stage")
          .tag("stage", stage.name().toLowerCase(Locale.ROOT).replace('_', '-'))
          .register(registry);
    }
  }

  private synchronized double seconds(Stage stage) {
    long now = System.nanoTime();
    if (seen.isEmpty() || now - lookedAt > FRESH_MILLIS * 1_000_000) {
      lookedAt = now;
      look();
    }
    return nanos.getOrDefault(stage, 0L) / 1e9;
  }

  private void look() {
    Map<Long, Long> current = new HashMap<>();
    for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
      // A thread may end while we look.
      if (thread == null) {
        continue;
      }
      long used = threads.getThreadCpuTime(thread.getThreadId());
      if (used < 0) {
        continue;
      }
      long before = seen.getOrDefault(thread.getThreadId(), 0L);
      nanos.merge(Stage.of(thread.getThreadName()), Math.max(0, used - before), Long::sum);
      current.put(thread.getThreadId(), used);
    }
    seen = current;
    long ofThreads =
        nanos.entrySet().stream()
            .filter(entry -> entry.getKey() != Stage.JVM)
            .mapToLong(Map.Entry::getValue)
            .sum();
    nanos.merge(Stage.JVM, Math.max(0, system.getProcessCpuTime() - ofThreads), Math::max);
  }
}
