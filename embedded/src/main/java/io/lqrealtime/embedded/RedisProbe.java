package io.lqrealtime.embedded;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** Asks a Redis server over a plain socket whether it answers, and who it is. */
final class RedisProbe {
  private static final int MAX_LINE = 1 << 10;
  private static final int MAX_INFO = 1 << 16;

  private RedisProbe() {}

  /** Who answered: the server's process and version, as {@code INFO} gives them. */
  record Answer(long pid, String version) {}

  /** Empty if nobody answers to {@code PING} within the time. */
  static Optional<Answer> ask(String host, int port, Duration within) {
    try (Socket socket = new Socket()) {
      int millis = Math.toIntExact(within.toMillis());
      socket.setSoTimeout(millis);
      socket.connect(new InetSocketAddress(host, port), millis);
      socket.getOutputStream().write("PING\r\nINFO server\r\n".getBytes(StandardCharsets.US_ASCII));
      InputStream in = new BufferedInputStream(socket.getInputStream());
      return line(in).equals("+PONG") ? Optional.of(parse(bulk(in))) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Answer parse(String info) throws IOException {
    return new Answer(Long.parseLong(field(info, "process_id")), field(info, "redis_version"));
  }

  private static String field(String info, String name) throws IOException {
    return info.lines()
        .filter(line -> line.startsWith(name + ":"))
        .findFirst()
        .map(line -> line.substring(name.length() + 1).strip())
        .orElseThrow(() -> new IOException("INFO without " + name));
  }

  /** A bulk string of the protocol: its length on a line, then so many bytes. */
  private static String bulk(InputStream in) throws IOException {
    String header = line(in);
    if (!header.startsWith("$")) {
      throw new IOException("not a bulk string: " + header);
    }
    int length = Integer.parseInt(header, 1, header.length(), 10);
    if (length < 0 || length > MAX_INFO) {
      throw new IOException("a bulk string of length " + length);
    }
    return new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    while (line.size() < MAX_LINE) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException();
      }
      if (next == '\n') {
        return line.toString(StandardCharsets.US_ASCII).stripTrailing();
      }
      line.write(next);
    }
    throw new IOException("line too long");
  }
}
