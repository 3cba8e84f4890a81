package io.lqrealtime.router.core;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;

/**
 * Fingerprints of ids: the first 128 bits of the SHA-256 of tenant, sender, channel and id, each
 * with its length before it. Whoever may choose ids can make no two collide, so nobody can have
 * another's message taken for a repeat; and the same id of two senders, or in two channels, is two
 * ids.
 *
 * <p>Part of the stored state: versions of the router compute alike. Not safe for several threads.
 */
final class IdHash {
  private static final byte[] NONE = {};
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final MessageDigest sha256;
  private final byte[] hash = new byte[32];
  private byte[] input = new byte[512];

  IdHash() {
    try {
      this.sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** No sender is the same as an empty one. */
  IdFingerprint of(byte[] tenant, Optional<byte[]> from, byte[] channel, byte[] id) {
    int length = append(0, tenant);
    length = append(length, from.orElse(NONE));
    length = append(length, channel);
    length = append(length, id);
    sha256.update(input, 0, length);
    try {
      sha256.digest(hash, 0, hash.length);
    } catch (DigestException e) {
      throw new IllegalStateException("a SHA-256 has 32 bytes", e);
    }
    return new IdFingerprint((long) LONG.get(hash, 0), (long) LONG.get(hash, 8));
  }

  private int append(int at, byte[] part) {
    int end = at + 2 + part.length;
    if (end > input.length) {
      input = java.util.Arrays.copyOf(input, 2 * end);
    }
    // Parts are far below 64 KiB: the reader of messages has seen to that.
    input[at] = (byte) (part.length >>> 8);
    input[at + 1] = (byte) part.length;
    System.arraycopy(part, 0, input, at + 2, part.length);
    return end;
  }
}
