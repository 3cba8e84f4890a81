package io.lqrealtime.gateway.history;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.lqrealtime.gateway.session.TenantChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Tenant and channel as they lie in a record: what tells whose message it is, since fingerprints
 * may collide. The arrays are shared, and not to be changed.
 */
final class Names {
  private final byte[] tenant;
  private final byte[] channel;
  private final int hash;

  Names(byte[] tenant, byte[] channel) {
    this.tenant = tenant;
    this.channel = channel;
    this.hash = 31 * Arrays.hashCode(tenant) + Arrays.hashCode(channel);
  }

  /** Both alphabets are ASCII. */
  static Names of(TenantChannel name) {
    return new Names(
        name.tenant().value().getBytes(US_ASCII), name.channel().value().getBytes(US_ASCII));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || other instanceof Names names
            && hash == names.hash
            && Arrays.equals(channel, names.channel)
            && Arrays.equals(tenant, names.tenant);
  }

  @Override
  public int hashCode() {
    return hash;
  }
}
