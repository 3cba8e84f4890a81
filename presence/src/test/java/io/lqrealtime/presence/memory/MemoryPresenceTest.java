package io.lqrealtime.presence.memory;

import io.lqrealtime.presence.Eventually;
import io.lqrealtime.presence.GatewayLeases;
import io.lqrealtime.presence.PresenceContract;
import io.lqrealtime.presence.PresenceDirectory;
import io.lqrealtime.presence.PresenceMaintenance;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class MemoryPresenceTest extends PresenceContract {
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
  private final MemoryPresence presence = new MemoryPresence(now::get);

  @Override
  protected PresenceDirectory directory() {
    return presence.directory();
  }

  @Override
  protected PresenceMaintenance maintenance() {
    return presence.maintenance();
  }

  @Override
  protected GatewayLeases leases() {
    return presence.leases();
  }

  @Override
  protected void flush() {
    presence.flush();
  }

  @Override
  protected long storeMillis() {
    return now.get().toEpochMilli();
  }

  @Override
  protected void elapse(Duration time) {
    now.updateAndGet(instant -> instant.plus(time));
  }

  @Test
  void everyCall_whileAway_isUnavailable() {
    presence.available(false);

    Eventually.assertUnavailableWithin(Duration.ofSeconds(1), directory().snapshot(ACME, ROOM, 1));
    Eventually.assertUnavailableWithin(Duration.ofSeconds(1), leases().observe());
    Eventually.assertUnavailableWithin(Duration.ofSeconds(1), maintenance().sweep(FIRST));
  }
}
