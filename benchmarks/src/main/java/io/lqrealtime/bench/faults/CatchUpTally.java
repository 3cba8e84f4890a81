package io.lqrealtime.bench.faults;

import io.lqrealtime.bench.probe.ManagementPage;
import io.lqrealtime.bench.probe.PrometheusText;
import io.lqrealtime.bench.probe.Reading;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * How many subscriptions had to catch up, by cause, over all lives of the gateways: what shows that
 * a run came to where its faults were to bring it. Looks once a second on a thread of its own; what
 * a gateway counted after the last look before it ended is not in it.
 */
final class CatchUpTally implements AutoCloseable {
  private static final String METRIC = "lq_catch_ups_total";

  private final List<ManagementPage> gateways;
  private final Map<String, Map<String, Double>> lastSeen = new HashMap<>();
  private final Map<String, Double> sums = new TreeMap<>();
  private final Thread thread;

  private CatchUpTally(List<ManagementPage> gateways) {
    this.gateways = List.copyOf(gateways);
    this.thread = Thread.ofVirtual().name("catch-up-tally").unstarted(this::run);
  }

  static CatchUpTally start(List<ManagementPage> gateways) {
    CatchUpTally tally = new CatchUpTally(gateways);
    tally.thread.start();
    return tally;
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        look();
        TimeUnit.SECONDS.sleep(1);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** One at a time: pages that are taken out of order would look like new lives. */
  private synchronized void look() {
    for (ManagementPage gateway : gateways) {
      if (gateway.read() instanceof Reading.Got<PrometheusText>(PrometheusText page)) {
        add(gateway.name(), page.byLabel(METRIC, "cause"));
      }
    }
  }

  private void add(String gateway, Map<String, Double> now) {
    Map<String, Double> before = lastSeen.getOrDefault(gateway, Map.of());
    now.forEach(
        (cause, count) -> {
          double then = before.getOrDefault(cause, 0.0);
          // A count that fell is that of a new life.
          sums.merge(cause, count < then ? count : count - then, Double::sum);
        });
    lastSeen.put(gateway, now);
  }

  /** The counts with a last look. */
  synchronized Map<String, Long> byCause() {
    look();
    Map<String, Long> counts = new TreeMap<>();
    sums.forEach((cause, sum) -> counts.put(cause, Math.round(sum)));
    return counts;
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
