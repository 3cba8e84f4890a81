package io.lqrealtime.gateway;

import java.util.List;

/** Whether this gateway does its work: messages arrive, not merely threads run. */
public sealed interface GatewayHealth {
  record Ready() implements GatewayHealth {}

  /** Not ready, for these reasons. */
  record NotReady(List<String> reasons) implements GatewayHealth {
    public NotReady {
      reasons = List.copyOf(reasons);
    }
  }
}
