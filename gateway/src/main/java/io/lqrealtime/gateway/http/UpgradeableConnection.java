package io.lqrealtime.gateway.http;

import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.AbstractServerConnection;
import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.xnio.Buffers;
import org.xnio.ChannelListener;
import org.xnio.IoUtils;
import org.xnio.Option;
import org.xnio.StreamConnection;
import org.xnio.conduits.PushBackStreamSourceConduit;
import org.xnio.conduits.ReadReadyHandler;
import org.xnio.conduits.WriteReadyHandler;

/**
 * A socket as the HTTP server has it until an upgrade: an end of the one is an end of the other,
 * and {@link #release} takes the socket away from the server.
 *
 * <p>Without this the server would keep what it has of a connection for as long as the socket is
 * open, also after an upgrade: a listener for the end can be added to a socket, but not taken away.
 * That is 0.8 KB and a buffer of the length of the longest header, so of the token, for each
 * WebSocket.
 *
 * <p>Confined to the socket's I/O thread, but for {@link #close}.
 */
final class UpgradeableConnection extends StreamConnection {
  private final StreamConnection socket;
  private final PendingSockets pending;
  private final EndOfSocket endOfSocket;
  private volatile boolean released;

  /**
   * Takes over a socket that nobody listens to yet.
   *
   * @param pending where it is while its client is waited for
   */
  UpgradeableConnection(StreamConnection socket, PendingSockets pending) {
    super(socket.getIoThread());
    this.socket = socket;
    this.pending = pending;
    setSourceConduit(socket.getSourceChannel().getConduit());
    setSinkConduit(socket.getSinkChannel().getConduit());
    this.endOfSocket = new EndOfSocket(this);
    socket.setCloseListener(endOfSocket);
    setCloseListener(closed -> pending.remove(this));
    pending.add(this);
  }

  /**
   * All that stays with a socket that was released. It is told of the end whether there is somebody
   * left to tell or not.
   */
  private static final class EndOfSocket implements ChannelListener<StreamConnection> {
    private volatile @Nullable UpgradeableConnection http;

    EndOfSocket(UpgradeableConnection http) {
      this.http = http;
    }

    @Override
    public void handleEvent(StreamConnection closed) {
      IoUtils.safeClose(http);
    }
  }

  /**
   * The exchange's client has asked to be let in and waits for that, so that newcomers don't take
   * its place: it is to be answered soon, or released.
   *
   * @throws ClassCastException the exchange is not one of an {@link HttpPort}
   */
  static void waits(HttpServerExchange exchange) {
    UpgradeableConnection connection = of(exchange);
    connection.pending.remove(connection);
  }

  /**
   * The exchange's client gets its answer, and is to take it and go.
   *
   * @throws ClassCastException the exchange is not one of an {@link HttpPort}
   */
  static void isAnswered(HttpServerExchange exchange) {
    UpgradeableConnection connection = of(exchange);
    connection.pending.add(connection);
  }

  /**
   * Takes the socket of an upgraded exchange away from the server: for the server the connection
   * has ended, and the socket begins with what had been read of it past the request.
   *
   * @throws ClassCastException the exchange is not one of an {@link HttpPort}
   */
  static StreamConnection release(HttpServerExchange exchange) {
    return of(exchange).release(serverOf(exchange).getExtraBytes());
  }

  private static UpgradeableConnection of(HttpServerExchange exchange) {
    return (UpgradeableConnection) serverOf(exchange).getChannel();
  }

  private static AbstractServerConnection serverOf(HttpServerExchange exchange) {
    return (AbstractServerConnection) exchange.getConnection();
  }

  private StreamConnection release(@Nullable PooledByteBuffer readAhead) {
    if (readAhead != null) {
      // Its buffer is the server's, and goes back with the connection.
      ByteBuffer copy = ByteBuffer.allocate(readAhead.getBuffer().remaining());
      copy.put(readAhead.getBuffer().duplicate()).flip();
      PushBackStreamSourceConduit source =
          new PushBackStreamSourceConduit(socket.getSourceChannel().getConduit());
      source.pushBack(Buffers.pooledWrapper(copy));
      socket.getSourceChannel().setConduit(source);
    }
    socket
        .getSourceChannel()
        .getConduit()
        .setReadReadyHandler(
            new ReadReadyHandler.ChannelListenerHandler<>(socket.getSourceChannel()));
    socket
        .getSinkChannel()
        .getConduit()
        .setWriteReadyHandler(
            new WriteReadyHandler.ChannelListenerHandler<>(socket.getSinkChannel()));
    released = true;
    endOfSocket.http = null;
    IoUtils.safeClose(this);
    return socket;
  }

  @Override
  protected void closeAction() throws IOException {
    if (!released) {
      socket.close();
    }
  }

  @Override
  protected void notifyReadClosed() {
    if (!released) {
      super.notifyReadClosed();
    }
  }

  @Override
  protected void notifyWriteClosed() {
    if (!released) {
      super.notifyWriteClosed();
    }
  }

  @Override
  public boolean isReadShutdown() {
    return super.isReadShutdown() || socket.isReadShutdown();
  }

  @Override
  public boolean isWriteShutdown() {
    return super.isWriteShutdown() || socket.isWriteShutdown();
  }

  @Override
  public boolean isOpen() {
    return super.isOpen() && socket.isOpen();
  }

  @Override
  public SocketAddress getPeerAddress() {
    return socket.getPeerAddress();
  }

  @Override
  public SocketAddress getLocalAddress() {
    return socket.getLocalAddress();
  }

  @Override
  public boolean supportsOption(Option<?> option) {
    return socket.supportsOption(option);
  }

  @Override
  public <T> @Nullable T getOption(Option<T> option) throws IOException {
    return socket.getOption(option);
  }

  @Override
  public <T> @Nullable T setOption(Option<T> option, T value) throws IOException {
    return socket.setOption(option, value);
  }
}
