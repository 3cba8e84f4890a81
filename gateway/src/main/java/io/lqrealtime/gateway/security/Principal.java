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
    TenantId tenant, UserId user, long issuedAt, long expiresAt, Permissions permissions) {}
