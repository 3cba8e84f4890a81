package io.lqrealtime.presence.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A Lua script's text, from the file of its name beside this class (or from several, put together
 * in this order), and the digest it runs by.
 */
record RedisScript(String text, String digest) {
  static RedisScript named(String... names) {
    StringBuilder text = new StringBuilder();
    for (String name : names) {
      text.append(read(name + ".lua"));
    }
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest(text.toString().getBytes(StandardCharsets.UTF_8));
      return new RedisScript(text.toString(), HexFormat.of().formatHex(digest));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }

  private static String read(String name) {
    try (InputStream file = RedisScript.class.getResourceAsStream(name)) {
      if (file == null) {
        throw new IllegalStateException("the script " + name + " is missing from the jar");
      }
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
