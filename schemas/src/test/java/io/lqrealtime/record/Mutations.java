package io.lqrealtime.record;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** Damages bytes in the ways that bytes get damaged; the same way for the same seed. */
final class Mutations {
  private static final byte[] INSERTED =
      "{}[]\",:0129-.eE\\ntfu\0".getBytes(StandardCharsets.US_ASCII);

  private final Random random;

  Mutations(long seed) {
    this.random = new Random(seed);
  }

  byte[] mutate(byte[] original) {
    byte[] bytes = original.clone();
    int times = 1 + random.nextInt(4);
    for (int i = 0; i < times; i++) {
      bytes = once(bytes);
    }
    return bytes;
  }

  private byte[] once(byte[] bytes) {
    if (bytes.length == 0) {
      return new byte[] {(byte) random.nextInt()};
    }
    int at = random.nextInt(bytes.length);
    switch (random.nextInt(6)) {
      case 0 -> bytes[at] = (byte) random.nextInt();
      case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 2 -> bytes[at] = (byte) (random.nextBoolean() ? 0xff : 0x00);
      case 3 -> {
        return Arrays.copyOf(bytes, at);
      }
      case 4 -> {
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
        System.arraycopy(bytes, at, longer, at + 1, bytes.length - at);
        longer[at] = INSERTED[random.nextInt(INSERTED.length)];
        return longer;
      }
      default -> {
        int from = random.nextInt(bytes.length);
        int size = Math.min(random.nextInt(8), bytes.length - Math.max(from, at));
        System.arraycopy(bytes.clone(), from, bytes, at, size);
      }
    }
    return bytes;
  }
}
