package io.lqrealtime.bench.faults.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Forwards TCP connections to one port, until it is told to forget those that are open: then it
 * keeps them open and forwards nothing more, as a network does that has lost one side. New
 * connections are forwarded meanwhile. For any thread; two virtual threads a connection.
 */
final class TcpProxy implements AutoCloseable {
  private static final int CONNECT_WITHIN_MILLIS = 5_000;

  /** Both halves of a connection. */
  private static final class Pair {
    final Socket client;
    final Socket server = new Socket();
    volatile boolean forgotten;

    Pair(Socket client) {
      this.client = client;
    }

    void close() {
      for (Socket socket : new Socket[] {client, server}) {
        try {
          socket.close();
        } catch (IOException e) {
          // It is gone, which is all that is wanted.
        }
      }
    }
  }

  private final ServerSocket listener;
  private final int target;
  private final Set<Pair> pairs = ConcurrentHashMap.newKeySet();

  private TcpProxy(ServerSocket listener, int target) {
    this.listener = listener;
    this.target = target;
  }

  static TcpProxy to(int target) throws IOException {
    ServerSocket listener = new ServerSocket(Ports.free(), 64, InetAddress.getLoopbackAddress());
    TcpProxy proxy = new TcpProxy(listener, target);
    Thread.ofVirtual().name("proxy").start(proxy::accept);
    return proxy;
  }

  int port() {
    return listener.getLocalPort();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Pair pair = new Pair(listener.accept());
        Thread.ofVirtual().start(() -> connect(pair));
      } catch (IOException e) {
        // Closed, or a connection that was gone before it was accepted.
      }
    }
  }

  private void connect(Pair pair) {
    try {
      pair.server.setReceiveBufferSize(FaultCluster.RECEIVE_BUFFER);
      pair.server.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), target), CONNECT_WITHIN_MILLIS);
      pair.client.setTcpNoDelay(true);
      pair.server.setTcpNoDelay(true);
      pairs.add(pair);
      Thread.ofVirtual().start(() -> forward(pair, pair.server, pair.client));
      forward(pair, pair.client, pair.server);
    } catch (IOException e) {
      pair.close();
    }
  }

  private void forward(Pair pair, Socket from, Socket to) {
    byte[] buffer = new byte[1 << 14];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        if (pair.forgotten) {
          return;
        }
        out.write(buffer, 0, read);
      }
    } catch (IOException e) {
      // The other half learns of it by the end below.
    }
    if (!pair.forgotten) {
      pairs.remove(pair);
      pair.close();
    }
  }

  /** Forwards nothing more on the connections that are open now, and does not close them. */
  int forget() {
    pairs.forEach(pair -> pair.forgotten = true);
    return pairs.size();
  }

  /** Closes the connections that were forgotten. */
  void release() {
    List<Pair> forgotten = pairs.stream().filter(pair -> pair.forgotten).toList();
    forgotten.forEach(pairs::remove);
    forgotten.forEach(Pair::close);
  }

  @Override
  public void close() throws IOException {
    listener.close();
    pairs.forEach(Pair::close);
  }
}
