package io.lqrealtime.bench.load;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.KeyLengthException;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Map;

/** Where the connections of a run get their tokens from. For any thread. */
public sealed interface Tokens {

  /** A token for this user. */
  String of(String tenant, String user);

  /** The same token for everybody: tenant and user are what it says. */
  record Given(String token) implements Tokens {
    @Override
    public String of(String tenant, String user) {
      return token;
    }

    @Override
    public String toString() {
      return "Given[token not shown]";
    }
  }

  /** Mints a token for each user, signed with HS256. */
  final class Minted implements Tokens {

    private final MACSigner signer;
    private final Duration lifetime;
    private final Map<String, Object> can;

    /**
     * A source of tokens.
     *
     * @param secret the gateway's {@code LQ_AUTH_HS256_SECRET}: at least 32 bytes
     * @param lifetime from minting to {@code exp}
     * @param can the JSON object of that claim; empty for none
     * @throws IllegalArgumentException where the secret is too short, or {@code can} is not an
     *     object
     */
    public Minted(String secret, Duration lifetime, String can) {
      try {
        signer = new MACSigner(secret.getBytes(StandardCharsets.UTF_8));
        this.can = can.isEmpty() ? Map.of() : JSONObjectUtils.parse(can);
      } catch (KeyLengthException e) {
        throw new IllegalArgumentException("the secret must have at least 32 bytes for HS256", e);
      } catch (ParseException e) {
        throw new IllegalArgumentException("can must be a JSON object", e);
      }
      this.lifetime = lifetime;
    }

    @Override
    public String of(String tenant, String user) {
      JWTClaimsSet.Builder claims =
          new JWTClaimsSet.Builder()
              .claim("tenant", tenant)
              .subject(user)
              .expirationTime(Date.from(Instant.now().plus(lifetime)));
      if (!can.isEmpty()) {
        claims.claim("can", can);
      }
      SignedJWT token = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims.build());
      try {
        token.sign(signer);
      } catch (JOSEException e) {
        throw new IllegalStateException("HS256 with a key that fits cannot fail", e);
      }
      return token.serialize();
    }
  }
}
