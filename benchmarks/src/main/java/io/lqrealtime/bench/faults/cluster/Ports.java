package io.lqrealtime.bench.faults.cluster;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ports that are free now, outside the range that the system gives to outgoing connections, so that
 * no client takes one while its server is away. They are given out one after the other: what one
 * server is to have, and has not taken yet, no other gets.
 */
final class Ports {
  private static final int FIRST = 10_000;
  private static final int COUNT = 4_000;

  private static final AtomicInteger NEXT =
      new AtomicInteger(ThreadLocalRandom.current().nextInt(COUNT));

  private Ports() {}

  static int free() throws IOException {
    for (int attempt = 0; attempt < COUNT; attempt++) {
      int port = FIRST + Math.floorMod(NEXT.getAndIncrement(), COUNT);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (BindException e) {
        // Another one may be free.
      }
    }
    throw new IOException("no free port from " + FIRST + " on");
  }
}
