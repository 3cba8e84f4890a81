package io.lqrealtime.record;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The key that only the service has, and by which it knows its own control records: HMAC-SHA256
 * (RFC 2104) over type, record key and value, each with its length before it.
 *
 * <p>Safe for use by several threads.
 */
public final class ControlKey {
  public static final int MIN_BYTES = 32;
  private static final String ALGORITHM = "HmacSHA256";

  private final SecretKeySpec key;

  /**
   * @throws IllegalArgumentException if the secret is shorter than {@value #MIN_BYTES} bytes
   */
  public ControlKey(byte[] secret) {
    if (secret.length < MIN_BYTES) {
      throw new IllegalArgumentException("a control key has at least 32 bytes");
    }
    this.key = new SecretKeySpec(secret, ALGORITHM);
  }

  /** The MAC as base64url without padding. */
  public String sign(String type, byte @Nullable [] recordKey, byte[] value) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(mac(type, recordKey, value));
  }

  /** Whether {@code mac} is this key's; takes the same time wherever it differs. */
  public boolean verifies(String mac, String type, byte @Nullable [] recordKey, byte[] value) {
    byte[] given;
    try {
      given = Base64.getUrlDecoder().decode(mac);
    } catch (IllegalArgumentException e) {
      return false;
    }
    return MessageDigest.isEqual(given, mac(type, recordKey, value));
  }

  private byte[] mac(String type, byte @Nullable [] recordKey, byte[] value) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      part(mac, type.getBytes(StandardCharsets.UTF_8));
      part(mac, recordKey);
      part(mac, value);
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HmacSHA256", e);
    }
  }

  private static void part(Mac mac, byte @Nullable [] bytes) {
    // Lengths keep (type "ab", key "c") and (type "a", key "bc") apart; -1 is no key at all.
    mac.update(ByteBuffer.allocate(4).putInt(bytes == null ? -1 : bytes.length).flip());
    if (bytes != null) {
      mac.update(bytes);
    }
  }
}
