package io.lqrealtime.gateway.security;

import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;

/**
 * Who a connection speaks for.
 *
 * @param issuedAt epoch seconds of the token's {@code iat}; 0 if it has none
 * @param expiresAt epoch seconds of the token's {@code exp}
 */
public record Principal(
    TenantId tenant, UserId user, long issuedAt, long expiresAt, Permissions permissions) {
  /**
   * The same with an equal tenant that others hold too, so that each connection does not keep one.
   */
  public Principal sharing(TenantId tenant) {
    if (!tenant.equals(this.tenant)) {
      throw new IllegalArgumentException("another tenant");
    }
    return new Principal(tenant, user, issuedAt, expiresAt, permissions);
  }
}
