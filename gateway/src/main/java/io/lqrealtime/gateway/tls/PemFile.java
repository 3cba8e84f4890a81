package io.lqrealtime.gateway.tls;

import io.lqrealtime.config.ConfigurationException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text of a PEM file (RFC 7468), at most {@value #MAX_BYTES} bytes of it. Errors name the
 * setting and the file, and never what is in it.
 */
final class PemFile {
  static final int MAX_BYTES = 1 << 20;

  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");

  /** What stands between a BEGIN and its END. */
  record Block(String label, byte[] der) {}

  private final String setting;
  private final Path path;
  private final byte[] bytes;

  private PemFile(String setting, Path path, byte[] bytes) {
    this.setting = setting;
    this.path = path;
    this.bytes = bytes;
  }

  boolean holdsTheSameAs(PemFile other) {
    return MessageDigest.isEqual(bytes, other.bytes);
  }

  /**
   * @throws ConfigurationException if it can't be read
   */
  static PemFile read(String setting, Path path) {
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      // A pipe would be waited for.
      throw new ConfigurationException(setting, path + " is no regular file");
    }
    try (InputStream in = Files.newInputStream(path)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new ConfigurationException(setting, path + " has more than " + MAX_BYTES + " bytes");
      }
      return new PemFile(setting, path, bytes);
    } catch (NoSuchFileException e) {
      throw new ConfigurationException(setting, "there is no file " + path);
    } catch (IOException e) {
      throw new ConfigurationException(setting, path + " can't be read: " + e);
    }
  }

  List<Block> blocks() {
    Matcher matcher = BLOCK.matcher(new String(bytes, StandardCharsets.ISO_8859_1));
    List<Block> blocks = new ArrayList<>();
    while (matcher.find()) {
      try {
        blocks.add(
            new Block(matcher.group(1), Base64.getMimeDecoder().decode(matcher.group(2).strip())));
      } catch (IllegalArgumentException e) {
        throw problem("has a block " + matcher.group(1) + " that is no base64");
      }
    }
    return blocks;
  }

  ConfigurationException problem(String what) {
    return new ConfigurationException(setting, path + " " + what);
  }
}
