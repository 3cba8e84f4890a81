package io.lqrealtime.gateway.security.keys;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where a JWK Set is: a file or a URL. {@link Object#toString} is for logs, and leaves out a URL's
 * query, which may be secret.
 */
public sealed interface JwksLocation {
  /** A text that begins so is meant to be a URL; a Windows drive has one letter. */
  Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]+):.*");

  Pattern LOOPBACK = Pattern.compile("localhost|127(?:\\.[0-9]{1,3}){3}|\\[(?:0*:)*0*1]");

  /** On this machine; may hold secrets. */
  record File(Path path) implements JwksLocation {
    @Override
    public String toString() {
      return path.toString();
    }
  }

  /** At a server. */
  record Url(URI uri) implements JwksLocation {
    @Override
    public String toString() {
      return uri.getScheme() + "://" + uri.getRawAuthority() + uri.getRawPath();
    }
  }

  /**
   * @throws IllegalArgumentException that says what is wrong, without repeating the text
   */
  static JwksLocation parse(String text) {
    var scheme = SCHEME.matcher(text);
    if (!scheme.matches()) {
      return new File(path(text));
    }
    URI uri = uri(text);
    return switch (scheme.group(1).toLowerCase(Locale.ROOT)) {
      case "file" -> new File(path(uri));
      case "https" -> new Url(server(uri));
      case "http" -> {
        Url url = new Url(server(uri));
        if (!isLoopback(uri)) {
          throw new IllegalArgumentException(
              "http: is for loopback hosts only (localhost, 127.0.0.1, [::1]), since whoever is on"
                  + " the way could give keys of their own: use https:");
        }
        yield url;
      }
      default ->
          throw new IllegalArgumentException(
              "must be a file, or a URL that begins with file:, https: or, on the loopback, http:");
    };
  }

  private static URI uri(String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("is no valid URL: " + e.getReason(), e);
    }
  }

  private static Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("is no path of a file: " + e.getReason(), e);
    }
  }

  private static Path path(URI uri) {
    try {
      return Path.of(uri);
    } catch (IllegalArgumentException | FileSystemNotFoundException e) {
      throw new IllegalArgumentException("must be file: and an absolute path", e);
    }
  }

  private static URI server(URI uri) {
    if (uri.getHost() == null) {
      throw new IllegalArgumentException("names no host");
    }
    if (uri.getRawUserInfo() != null) {
      throw new IllegalArgumentException("must not hold a user or password");
    }
    if (uri.getRawFragment() != null) {
      throw new IllegalArgumentException("must not hold a fragment (#)");
    }
    return uri;
  }

  private static boolean isLoopback(URI uri) {
    return Optional.ofNullable(uri.getHost())
        .map(host -> LOOPBACK.matcher(host.toLowerCase(Locale.ROOT)).matches())
        .orElse(false);
  }
}
