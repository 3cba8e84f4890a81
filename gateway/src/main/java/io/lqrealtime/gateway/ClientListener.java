package io.lqrealtime.gateway;

import io.lqrealtime.frame.CloseReason;
import io.lqrealtime.frame.ServerFrames;
import io.lqrealtime.gateway.http.HandshakeHandler;
import io.lqrealtime.gateway.http.HandshakeHandler.Guest;
import io.lqrealtime.gateway.http.HttpPort;
import io.lqrealtime.gateway.http.OneRequest;
import io.lqrealtime.gateway.limit.HandshakeGate;
import io.lqrealtime.gateway.limit.Limit;
import io.lqrealtime.gateway.security.Principal;
import io.lqrealtime.gateway.session.Session;
import io.lqrealtime.gateway.session.SessionServices;
import io.lqrealtime.gateway.tenant.Tenants;
import io.lqrealtime.gateway.tls.ServerCertificate;
import io.lqrealtime.gateway.transport.ConnectionSettings;
import io.lqrealtime.gateway.transport.EventLoop;
import io.lqrealtime.gateway.transport.WebSocketConnection;
import io.lqrealtime.gateway.websocket.FrameEncoder;
import io.lqrealtime.gateway.websocket.FrameRules;
import io.lqrealtime.id.ConnectionId;
import io.undertow.server.HttpHandler;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.xnio.StreamConnection;
import org.xnio.XnioWorker;

/**
 * Where clients come and go: the port, the handshake's limits, a session for each upgraded
 * connection, and the drain. Safe for use by several threads.
 */
final class ClientListener {
  private final GatewayConfig config;
  private final EventLoops loops;
  private final SessionServices services;
  private final ConnectionIds ids;
  private final Tenants tenants;
  private final Consumer<WebSocketConnection> onOpen;
  private final HandshakeGate gate;
  private final GatewayMetrics metrics;
  private final ConnectionSettings settings;
  private final HttpPort port;
  private volatile boolean draining;

  /**
   * @param certificate with which the port speaks TLS; plain without
   * @param onOpen called with each connection, on its I/O thread, as soon as it is open
   * @param site answers what is not {@code /ws}
   */
  ClientListener(
      GatewayConfig config,
      Optional<ServerCertificate> certificate,
      XnioWorker worker,
      EventLoops loops,
      SessionServices services,
      Tenants tenants,
      Consumer<WebSocketConnection> onOpen,
      GatewayMetrics metrics,
      HttpHandler site) {
    this.config = config;
    this.loops = loops;
    this.services = services;
    this.ids = new ConnectionIds(config.id());
    this.tenants = tenants;
    this.onOpen = onOpen;
    this.metrics = metrics;
    EventLoop first = loops.all().getFirst();
    this.gate = new HandshakeGate(config.handshakes(), System::nanoTime, first::executeAfter);
    metrics.watch(gate);
    this.settings =
        new ConnectionSettings(
            FrameRules.plain(config.frameLimits()),
            config.maxOutboundBytes(),
            (int) config.maxLag().toSeconds(),
            config.heartbeatSeconds(),
            config.maxControlFramesPerSecond());
    HandshakeHandler handshake =
        new HandshakeHandler(
            services.tokens(),
            config.allowedOrigins(),
            config.deflateMinBytes().isPresent(),
            new Admission(),
            this::upgraded);
    Duration requestTime = config.handshakes().timeout();
    Runnable late = () -> metrics.limited(Limit.REQUEST_TIME);
    this.port =
        new HttpPort(
            new InetSocketAddress(config.host(), config.port()),
            certificate.map(ServerCertificate::context),
            worker,
            config.maxConnections(),
            config.handshakes().maxPending(),
            () -> metrics.limited(Limit.PENDING_SOCKETS),
            requestTime,
            late,
            byPath(handshake, new OneRequest(site, requestTime, late)));
  }

  /** The path itself, and nothing that only begins like it: {@code /ws/} and {@code /ws;x=1}. */
  private static HttpHandler byPath(HttpHandler handshake, HttpHandler site) {
    return exchange -> {
      // Undertow takes parameters out of the path, also empty ones.
      boolean isHandshake =
          exchange.getRequestPath().equals("/ws") && exchange.getRequestURI().indexOf(';') < 0;
      (isHandshake ? handshake : site).handleRequest(exchange);
    };
  }

  /** Opens the port. */
  void start() {
    port.open();
    metrics.watchSockets(this::sockets);
  }

  private double sockets() {
    return ListenerSockets.count(address());
  }

  /** Where it listens; the port is the real one, also where any free one was asked for. */
  InetSocketAddress address() {
    return port.address();
  }

  /**
   * Handshakes from now on are made with this certificate, connections that are there live on. Only
   * for a port that speaks TLS.
   */
  void use(ServerCertificate certificate) {
    port.use(certificate.context());
  }

  boolean isDraining() {
    return draining;
  }

  private final class Admission implements HandshakeHandler.Admission {
    @Override
    public Tenants.Entry enter(Principal principal) {
      // A gateway that is about to stop has no room, and that is no limit's doing.
      Tenants.Entry entry =
          draining
              ? new Tenants.Entry.Refused(Limit.INSTANCE_CONNECTIONS)
              : tenants.enter(principal.tenant(), principal.user());
      if (entry instanceof Tenants.Entry.Refused(Limit limit) && !draining) {
        metrics.limited(limit);
      }
      return entry;
    }

    @Override
    public void inTurn(Principal principal, Runnable comeIn, Runnable sendAway) {
      gate.enter(
          principal.tenant(),
          comeIn,
          () -> {
            metrics.limited(Limit.HANDSHAKES);
            sendAway.run();
          });
    }

    @Override
    public void limited(Limit limit) {
      metrics.limited(limit);
    }

    @Override
    public void outcome(String outcome) {
      metrics.handshake(outcome);
    }
  }

  /** On the channel's I/O thread. */
  private void upgraded(StreamConnection channel, Guest guest) {
    EventLoop loop = loops.of(channel.getIoThread());
    Principal principal = guest.principal();
    ConnectionId id = ids.next();
    byte[] welcome =
        ServerFrames.welcome(
            new ServerFrames.Welcome(
                id,
                principal.user(),
                principal.tenant(),
                config.id(),
                config.region(),
                config.heartbeatSeconds(),
                config.maxFrameBytes()));
    WebSocketConnection connection =
        WebSocketConnection.open(
            channel,
            loop,
            settings,
            guest.deflate() ? loop.deflate() : null,
            link -> new Session(id, principal, guest.seat(), link, loop.table(), services, loop),
            this::ended,
            FrameEncoder.text(welcome, 0, welcome.length));
    onOpen.accept(connection);
  }

  private void ended(Session session, String cause) {
    session.seat().leave();
    metrics.ended(cause);
  }

  /** Takes no more connections, and closes all at once: this gateway's id is another's. */
  void leave() {
    draining = true;
    loops.forEachConnection(connection -> connection.close(CloseReason.DRAIN));
  }

  /**
   * Takes no more connections, and advises clients to go elsewhere, each at a random moment of the
   * drain time. Waits until all have gone, or the time is over.
   */
  void drain() throws InterruptedException {
    draining = true;
    long drainMillis = config.drainTime().toMillis();
    for (EventLoop loop : loops.all()) {
      loop.forEachConnection(
          connection ->
              loop.thread()
                  .executeAfter(
                      () -> loop.execute(() -> sendAway(connection)),
                      ThreadLocalRandom.current().nextLong(drainMillis + 1),
                      TimeUnit.MILLISECONDS));
    }
    long deadline = System.nanoTime() + config.drainTime().toNanos() + 2_000_000_000L;
    while (tenants.connections() > 0 && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private static void sendAway(WebSocketConnection connection) {
    byte[] advice = ServerFrames.reconnect("drain", ThreadLocalRandom.current().nextLong(1000));
    connection.send(FrameEncoder.text(advice, 0, advice.length));
    connection.close(CloseReason.DRAIN);
  }

  /** Closes the port. */
  void stop() {
    port.close();
  }
}
