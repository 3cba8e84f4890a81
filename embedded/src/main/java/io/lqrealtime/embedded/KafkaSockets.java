package io.lqrealtime.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.kafka.server.ServerSocketFactory;

/**
 * The sockets of a node, bound before its configuration is written: their ports are then known,
 * nobody can take them meanwhile, and a port that is taken is found out before anything is started.
 */
final class KafkaSockets implements ServerSocketFactory, AutoCloseable {
  private final ServerSocketChannel broker;
  private final ServerSocketChannel controller;
  private final Optional<ServerSocketChannel> secured;

  private KafkaSockets(
      ServerSocketChannel broker,
      ServerSocketChannel controller,
      Optional<ServerSocketChannel> secured) {
    this.broker = broker;
    this.controller = controller;
    this.secured = secured;
  }

  /**
   * Listens for clients on the port, or on any free one for 0; on one more for the secured listener
   * where there is to be one.
   */
  static KafkaSockets listen(String host, int port, OptionalInt securedPort) {
    List<ServerSocketChannel> opened = new ArrayList<>();
    try {
      ServerSocketChannel broker = FreePorts.listen(host, port);
      opened.add(broker);
      ServerSocketChannel controller = FreePorts.listen(host, 0);
      opened.add(controller);
      return new KafkaSockets(
          broker,
          controller,
          securedPort.isPresent()
              ? Optional.of(FreePorts.listen(host, securedPort.getAsInt()))
              : Optional.empty());
    } catch (RuntimeException e) {
      opened.forEach(KafkaSockets::close);
      throw e;
    }
  }

  int brokerPort() {
    return FreePorts.localPort(broker);
  }

  int controllerPort() {
    return FreePorts.localPort(controller);
  }

  /** Of the secured listener; 0 where there is none. */
  int securedPort() {
    return secured.map(FreePorts::localPort).orElse(0);
  }

  @Override
  public ServerSocketChannel openServerSocket(
      String listener, InetSocketAddress address, int backlog, int receiveBuffer)
      throws IOException {
    ServerSocketChannel socket =
        switch (listener) {
          case BrokerProperties.BROKER_LISTENER -> broker;
          case BrokerProperties.CONTROLLER_LISTENER -> controller;
          case BrokerProperties.SECURED_LISTENER ->
              secured.orElseThrow(() -> new IOException("there is no secured listener"));
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
    secured.ifPresent(KafkaSockets::close);
  }

  private static void close(ServerSocketChannel socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
