package io.lqrealtime.embedded;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds ports to listen on, outside the range that the system gives to outgoing connections (from
 * 32768 on Linux, from 49152 on macOS).
 *
 * <p>A port from inside that range is fine until its server is away for a moment: a client that
 * tries to reconnect on the loopback may then be given that very port as its own and connect to
 * itself, and the server cannot have it back.
 */
final class FreePorts {
  private static final int FIRST = 20_000;
  private static final int COUNT = 12_000;
  private static final int ATTEMPTS = 200;
  private static final int BACKLOG = 256;

  private FreePorts() {}

  /** Listens on the port, or on a free one for 0. Nothing can take the port from the caller. */
  static ServerSocketChannel listen(String host, int port) {
    if (port != 0) {
      return bind(host, port);
    }
    int start = ThreadLocalRandom.current().nextInt(COUNT);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        return bind(host, FIRST + (start + attempt) % COUNT);
      } catch (EmbeddedServerException.PortInUse e) {
        // The next one may be free.
      }
    }
    throw new EmbeddedServerException.Failed(
        "no free port on %s among %d tried from %d".formatted(host, ATTEMPTS, FIRST + start), null);
  }

  /**
   * The port, or a free one for 0, checked to be free at this moment. For servers that bind it
   * themselves: another process may be faster, so that the caller must be ready to ask again.
   */
  static int probe(String host, int port) {
    try (ServerSocketChannel channel = listen(host, port)) {
      return localPort(channel);
    } catch (IOException e) {
      throw new EmbeddedServerException.Failed("cannot probe for a free port on " + host, e);
    }
  }

  static int localPort(ServerSocketChannel channel) {
    return channel.socket().getLocalPort();
  }

  private static ServerSocketChannel bind(String host, int port) {
    try {
      ServerSocketChannel channel = ServerSocketChannel.open();
      try {
        channel.bind(new InetSocketAddress(host, port), BACKLOG);
        return channel;
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (BindException e) {
      if (String.valueOf(e.getMessage()).contains("in use")) {
        throw new EmbeddedServerException.PortInUse(host, port, e);
      }
      throw new EmbeddedServerException.Failed(
          "cannot listen on %s:%d: %s".formatted(host, port, e.getMessage()), e);
    } catch (IOException | RuntimeException e) {
      throw new EmbeddedServerException.Failed("cannot listen on %s:%d".formatted(host, port), e);
    }
  }
}
