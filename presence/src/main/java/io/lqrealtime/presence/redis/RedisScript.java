package io.lqrealtime.presence.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A Lua script's text, from the file of its name beside this class, and the digest it runs by. */
record RedisScript(String text, String digest) {
  static RedisScript named(String name) {
    try (InputStream file = RedisScript.class.getResourceAsStream(name + ".lua")) {
      if (file == null) {
        throw new IllegalStateException("the script " + name + ".lua is missing from the jar");
      }
      byte[] text = file.readAllBytes();
      byte[] digest = MessageDigest.getInstance("SHA-1").digest(text);
      return new RedisScript(
          new String(text, StandardCharsets.UTF_8), HexFormat.of().formatHex(digest));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }
}
