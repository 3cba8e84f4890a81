package io.lqrealtime.bench.faults.cluster;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports that are free now, outside the range that the system gives to outgoing connections, so that
 * no client takes one while its server is away.
 */
final class Ports {
  private static final int FIRST = 12_000;
  private static final int COUNT = 8_000;

  private Ports() {}

  static int free() throws IOException {
    for (int attempt = 0; attempt < 200; attempt++) {
      int port = FIRST + ThreadLocalRandom.current().nextInt(COUNT);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (BindException e) {
        // Another one may be free.
      }
    }
    throw new IOException("no free port from " + FIRST + " on");
  }
}
