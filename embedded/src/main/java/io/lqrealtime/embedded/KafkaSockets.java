package io.lqrealtime.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import org.apache.kafka.server.ServerSocketFactory;

/**
 * The two sockets of a node, bound before its configuration is written: their ports are then known,
 * nobody can take them meanwhile, and a port that is taken is found out before anything is started.
 */
final class KafkaSockets implements ServerSocketFactory, AutoCloseable {
  private final ServerSocketChannel broker;
  private final ServerSocketChannel controller;

  private KafkaSockets(ServerSocketChannel broker, ServerSocketChannel controller) {
    this.broker = broker;
    this.controller = controller;
  }

  /** Listens for clients on the port, or on any free one for 0. */
  static KafkaSockets listen(String host, int port) {
    ServerSocketChannel broker = FreePorts.listen(host, port);
    try {
      return new KafkaSockets(broker, FreePorts.listen(host, 0));
    } catch (RuntimeException e) {
      close(broker);
      throw e;
    }
  }

  int brokerPort() {
    return FreePorts.localPort(broker);
  }

  int controllerPort() {
    return FreePorts.localPort(controller);
  }

  @Override
  public ServerSocketChannel openServerSocket(
      String listener, InetSocketAddress address, int backlog, int receiveBuffer)
      throws IOException {
    ServerSocketChannel socket =
        switch (listener) {
          case BrokerProperties.BROKER_LISTENER -> broker;
          case BrokerProperties.CONTROLLER_LISTENER -> controller;
          default -> throw new IOException("no socket for listener " + listener);
        };
    socket.configureBlocking(false);
    return socket;
  }

  /** Kafka closes what it has opened; this is for a start that did not get so far. */
  @Override
  public void close() {
    close(broker);
    close(controller);
  }

  private static void close(ServerSocketChannel socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
