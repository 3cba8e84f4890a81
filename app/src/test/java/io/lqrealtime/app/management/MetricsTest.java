package io.lqrealtime.app.management;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import org.junit.jupiter.api.Test;

class MetricsTest {
  @Test
  void cpuByStage_isStillCountedAfterACollection() {
    try (Metrics metrics = new Metrics()) {
      collect();

      double seconds =
          metrics
              .scrape()
              .lines()
              .filter(line -> line.startsWith("lq_cpu_seconds_total{"))
              .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
              .sum();

      assertThat(seconds).isPositive();
    }
  }

  /** Returns when what only weak references held is gone. */
  private static void collect() {
    WeakReference<Object> sentinel = new WeakReference<>(new Object());
    while (sentinel.get() != null) {
      System.gc();
    }
  }
}
