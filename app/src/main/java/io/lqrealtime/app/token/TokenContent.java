package io.lqrealtime.app.token;

import com.nimbusds.jwt.JWTClaimsSet;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a token says, beside when it was issued: as it is signed.
 *
 * @param can what it allows; empty for what a token without the claim allows
 * @param audiences empty for none
 */
public record TokenContent(
    TenantId tenant,
    UserId user,
    Instant expiresAt,
    Map<String, List<String>> can,
    Optional<String> issuer,
    List<String> audiences) {

  @SuppressWarnings("JavaUtilDate") // The library takes nothing else.
  JWTClaimsSet claims() {
    JWTClaimsSet.Builder claims =
        new JWTClaimsSet.Builder()
            .claim("tenant", tenant.value())
            .subject(user.value())
            .issueTime(new Date())
            .expirationTime(Date.from(expiresAt));
    if (!can.isEmpty()) {
      claims.claim("can", can);
    }
    issuer.ifPresent(claims::issuer);
    if (!audiences.isEmpty()) {
      claims.audience(audiences);
    }
    return claims.build();
  }
}
