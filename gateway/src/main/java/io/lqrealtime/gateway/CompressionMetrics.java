package io.lqrealtime.gateway;

import io.lqrealtime.gateway.websocket.PerMessageDeflate;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** What permessage-deflate saves: bytes on the wire beside those without it. */
final class CompressionMetrics implements PerMessageDeflate.Metrics {
  private final Counter plainIn;
  private final Counter wireIn;
  private final Counter plainOut;
  private final Counter wireOut;
  private final Counter skipped;
  private final Counter paused;

  CompressionMetrics(MeterRegistry registry) {
    plainIn = counter(registry, "in", "plain");
    wireIn = counter(registry, "in", "wire");
    plainOut = counter(registry, "out", "plain");
    wireOut = counter(registry, "out", "wire");
    skipped =
        Counter.builder("lq.compression.skipped")
            .description("Frames sent as they are because compressing had taken its share of time")
            .register(registry);
    paused =
        Counter.builder("lq.compression.pauses")
            .description(
                "Times that a tenant's clients were not read from because decompressing what they"
                    + " sent had taken its share of time")
            .register(registry);
  }

  private static Counter counter(MeterRegistry registry, String direction, String form) {
    return Counter.builder("lq.compression.bytes")
        .description(
            "Payload bytes from and to clients with permessage-deflate: as they go over the wire,"
                + " and as they would without")
        .tag("direction", direction)
        .tag("form", form)
        .register(registry);
  }

  @Override
  public void skipped() {
    skipped.increment();
  }

  @Override
  public void paused() {
    paused.increment();
  }

  @Override
  public void received(int wire, int plain) {
    wireIn.increment(wire);
    plainIn.increment(plain);
  }

  @Override
  public void sent(int wire, int plain) {
    wireOut.increment(wire);
    plainOut.increment(plain);
  }
}
