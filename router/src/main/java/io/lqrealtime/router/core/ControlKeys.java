package io.lqrealtime.router.core;

import io.lqrealtime.record.ControlKey;
import io.lqrealtime.tenant.TenantOrderCodec;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * By which keys a router knows control records: those of gateways and routers by the service's
 * alone, orders about tenants also by one of their own, which backends and operators may have
 * without being able to forge anything else.
 *
 * @param service the key of gateways and routers
 * @param orders the key of orders; only the service's is good for them where there is none
 */
public record ControlKeys(ControlKey service, Optional<ControlKey> orders) {
  /** The service's key for everything. */
  public static ControlKeys of(ControlKey service) {
    return new ControlKeys(service, Optional.empty());
  }

  boolean verifies(String mac, String type, byte @Nullable [] recordKey, byte[] value) {
    return service.verifies(mac, type, recordKey, value)
        || (TenantOrderCodec.isOrderType(type)
            && orders.isPresent()
            && orders.get().verifies(mac, type, recordKey, value));
  }
}
