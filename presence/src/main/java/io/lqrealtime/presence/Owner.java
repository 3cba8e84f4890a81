package io.lqrealtime.presence;

import io.lqrealtime.id.GatewayId;

/**
 * What presence entries belong to: one generation of a gateway. All entries of an owner are void at
 * once when its gateway holds no lease of this generation, so none of them is ever renewed.
 *
 * @param generation 1 or more; rises each time the gateway starts, or starts over
 */
public record Owner(GatewayId gateway, long generation) {
  public Owner {
    if (generation < 1) {
      throw new IllegalArgumentException("a generation is 1 or more");
    }
  }

  @Override
  public String toString() {
    return gateway.value() + '/' + generation;
  }
}
