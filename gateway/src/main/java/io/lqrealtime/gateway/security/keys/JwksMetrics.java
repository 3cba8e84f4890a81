package io.lqrealtime.gateway.security.keys;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Supplier;

/** The meters of a JWK Set. */
final class JwksMetrics {
  private final MeterRegistry registry;
  private final Counter changed;
  private final Counter unchanged;
  private final Counter failed;

  JwksMetrics(MeterRegistry registry) {
    this.registry = registry;
    this.changed = readings("changed");
    this.unchanged = readings("unchanged");
    this.failed = readings("failed");
  }

  private Counter readings(String outcome) {
    return Counter.builder("lq.jwks.refreshes")
        .description("Times that the JWK Set was read")
        .tag("outcome", outcome)
        .register(registry);
  }

  void watch(Supplier<Number> keys) {
    Gauge.builder("lq.jwks.keys", keys)
        .description("Keys of the JWK Set that tokens are verified with")
        .strongReference(true)
        .register(registry);
  }

  void changed() {
    changed.increment();
  }

  void unchanged() {
    unchanged.increment();
  }

  void failed() {
    failed.increment();
  }
}
