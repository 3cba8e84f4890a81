package io.lqrealtime.gateway.http;

import io.undertow.UndertowOptions;
import io.undertow.protocols.ssl.UndertowXnioSsl;
import io.undertow.server.DefaultByteBufferPool;
import io.undertow.server.HttpHandler;
import io.undertow.server.protocol.http.HttpOpenListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.xnio.ChannelListener;
import org.xnio.ChannelListeners;
import org.xnio.IoUtils;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Sequence;
import org.xnio.StreamConnection;
import org.xnio.XnioWorker;
import org.xnio.channels.AcceptingChannel;
import org.xnio.ssl.SslConnection;

/**
 * A port of Undertow's for requests whose senders are not known yet: of each socket one request is
 * answered, the time and the size of each of its parts are bounded, and so is the number of sockets
 * ({@link PendingSockets}). Put together here and not by {@link io.undertow.Undertow}, which shows
 * nobody its sockets before their first request.
 *
 * <p>Safe for use by several threads.
 */
public final class HttpPort {
  private static final Sequence<String> TLS_PROTOCOLS = Sequence.of("TLSv1.3", "TLSv1.2");
  private static final int BUFFER_BYTES = 4096;
  private static final int BUFFERS_OF_A_THREAD = 4;

  private static final OptionMap HTTP_OPTIONS =
      OptionMap.builder()
          .set(UndertowOptions.MAX_HEADER_SIZE, 24 * 1024)
          .set(UndertowOptions.MAX_HEADERS, 100)
          .set(UndertowOptions.MAX_PARAMETERS, 50)
          .set(UndertowOptions.MAX_ENTITY_SIZE, 64L * 1024)
          .getMap();

  private final InetSocketAddress bindTo;
  private final XnioWorker worker;
  private final OptionMap socketOptions;
  private final Optional<UndertowXnioSsl> tls;
  private final ChannelListener<StreamConnection> onSocket;
  private volatile @Nullable AcceptingChannel<? extends StreamConnection> server;

  /**
   * @param bindTo a name that can't be resolved makes {@link #open} fail
   * @param tls with which the port speaks TLS; plain without
   * @param mostUpgraded sockets that the handler upgrades or lets wait for that, at the most: its
   *     own bound, by which the port knows how many are too many
   * @param mostPending sockets whose clients are waited for, at the most; who has been one for the
   *     longest goes where more come
   * @param onTooMany called for each that goes so, on its I/O thread
   * @param requestTime how long it may take from the accept until the head of the request is whole;
   *     and again how long what follows it may take
   * @param onLate called for each socket that took longer, on its I/O thread
   * @param handler answers the requests, on I/O threads
   */
  public HttpPort(
      InetSocketAddress bindTo,
      Optional<SSLContext> tls,
      XnioWorker worker,
      int mostUpgraded,
      int mostPending,
      Runnable onTooMany,
      Duration requestTime,
      Runnable onLate,
      HttpHandler handler) {
    this.bindTo = bindTo;
    this.worker = worker;
    int mostSockets = mostUpgraded + mostPending + mostPending / 4 + worker.getIoThreadCount();
    this.socketOptions =
        OptionMap.builder()
            .set(Options.WORKER_IO_THREADS, worker.getIoThreadCount())
            .set(Options.SSL_ENABLED_PROTOCOLS, TLS_PROTOCOLS)
            .set(Options.BACKLOG, 8192)
            // With room for those that have been sent away and not gone yet: past this the kernel's
            // backlog holds who comes.
            .set(Options.CONNECTION_HIGH_WATER, mostSockets)
            .set(Options.CONNECTION_LOW_WATER, mostSockets)
            .set(Options.REUSE_ADDRESSES, true)
            .set(Options.TCP_NODELAY, true)
            // A client that reads nothing then holds 0.28 MB of the kernel, and not 4 MB.
            .set(Options.SEND_BUFFER, 64 * 1024)
            // And one that is not read from fills this, and not what the kernel would grow it to.
            .set(Options.RECEIVE_BUFFER, 128 * 1024)
            .getMap();
    this.tls =
        tls.map(
            context ->
                new UndertowXnioSsl(
                    worker.getXnio(), OptionMap.create(Options.USE_DIRECT_BUFFERS, true), context));
    RequestDeadline deadline = new RequestDeadline(requestTime, onLate);
    HttpOpenListener http =
        new HttpOpenListener(
            new DefaultByteBufferPool(true, BUFFER_BYTES, -1, BUFFERS_OF_A_THREAD), HTTP_OPTIONS);
    http.setRootHandler(deadline.until(new UnreadContent(handler, requestTime, onLate)));
    ChannelListener<StreamConnection> requests = deadline.from(http);
    PendingSockets pending =
        new PendingSockets(
            mostPending,
            socket -> {
              if (socket.isOpen()) {
                onTooMany.run();
                deadline.sendAway(socket);
              }
            });
    this.onSocket = socket -> requests.handleEvent(new UpgradeableConnection(socket, pending));
  }

  /**
   * Opens the port.
   *
   * @throws UncheckedIOException it is taken, or there is no such address here
   */
  public void open() {
    ChannelListener<AcceptingChannel<StreamConnection>> accept =
        ChannelListeners.openListenerAdapter(onSocket);
    try {
      AcceptingChannel<? extends StreamConnection> opened =
          tls.isPresent()
              ? tls.get().createSslConnectionServer(worker, bindTo, secured(accept), socketOptions)
              : worker.createStreamConnectionServer(bindTo, accept, socketOptions);
      server = opened;
      opened.resumeAccepts();
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  /** What XNIO's types do not say: a listener for connections is one for those over TLS too. */
  @SuppressWarnings({"unchecked", "rawtypes"})
  private static ChannelListener<? super AcceptingChannel<SslConnection>> secured(
      ChannelListener<AcceptingChannel<StreamConnection>> accept) {
    return (ChannelListener) accept;
  }

  /**
   * Where it listens; the port is the real one, also where any free one was asked for.
   *
   * @throws IllegalStateException it was never opened
   */
  public InetSocketAddress address() {
    AcceptingChannel<? extends StreamConnection> opened = server;
    if (opened == null) {
      throw new IllegalStateException("the port has not been opened");
    }
    return opened.getLocalAddress(InetSocketAddress.class);
  }

  /**
   * Handshakes from now on are made with this, connections that are there live on.
   *
   * @throws IllegalStateException the port is a plain one
   */
  public void use(SSLContext context) {
    tls.orElseThrow(() -> new IllegalStateException("the port speaks no TLS"))
        .updateSSLContext(context);
  }

  /** Takes nobody more; who is there stays. */
  public void close() {
    IoUtils.safeClose(server);
  }
}
