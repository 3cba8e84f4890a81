package io.lqrealtime.gateway;

import io.lqrealtime.frame.CloseReason;
import io.lqrealtime.frame.ServerFrames;
import io.lqrealtime.gateway.GatewayHealth.NotReady;
import io.lqrealtime.gateway.GatewayHealth.Ready;
import io.lqrealtime.gateway.delivery.ChannelRegistry;
import io.lqrealtime.gateway.delivery.ControlLoop;
import io.lqrealtime.gateway.delivery.GatewayIdentity;
import io.lqrealtime.gateway.delivery.GatewayTopic;
import io.lqrealtime.gateway.delivery.GatewayTopicReader;
import io.lqrealtime.gateway.delivery.RecentMessages;
import io.lqrealtime.gateway.history.LogHistory;
import io.lqrealtime.gateway.http.HandshakeHandler;
import io.lqrealtime.gateway.inbound.InboundLog;
import io.lqrealtime.gateway.inbound.InboundProducer;
import io.lqrealtime.gateway.presence.GatewayPresence;
import io.lqrealtime.gateway.security.JwtTokenVerifier;
import io.lqrealtime.gateway.security.Principal;
import io.lqrealtime.gateway.security.TokenVerifier;
import io.lqrealtime.gateway.session.ChannelTable;
import io.lqrealtime.gateway.session.LogPositions;
import io.lqrealtime.gateway.session.Session;
import io.lqrealtime.gateway.session.SessionLimits;
import io.lqrealtime.gateway.session.SessionServices;
import io.lqrealtime.gateway.transport.ConnectionSettings;
import io.lqrealtime.gateway.transport.EventLoop;
import io.lqrealtime.gateway.transport.IoThreads;
import io.lqrealtime.gateway.transport.WebSocketConnection;
import io.lqrealtime.gateway.websocket.FrameEncoder;
import io.lqrealtime.gateway.websocket.FrameLimits;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.presence.Owner;
import io.lqrealtime.presence.PresenceChange;
import io.lqrealtime.presence.PresenceSource;
import io.lqrealtime.record.ControlKey;
import io.lqrealtime.record.ControlRecord;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpHandler;
import io.undertow.server.handlers.PathHandler;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.Options;
import org.xnio.StreamConnection;
import org.xnio.XnioIoThread;
import org.xnio.XnioWorker;

/**
 * A running gateway: its listener, its Kafka clients and its threads, from start to drain.
 *
 * <p>{@link #start} returns when clients can connect. {@link #close} drains: no new connections,
 * advice to reconnect spread over the drain time, close 1012, and the log is told that this gateway
 * has left.
 */
public final class Gateway implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Gateway.class);
  private static final Duration SILENCE = Duration.ofSeconds(5);
  private static final Duration TOPIC_CHECK = Duration.ofSeconds(2);

  /** Several checks in a row: one slow answer is no outage. */
  private static final Duration KAFKA_SILENCE = Duration.ofSeconds(8);

  private final GatewayConfig config;
  private final GatewayMetrics metrics;
  private final GatewayIdentity identity;
  private final Runnable onLeave;
  private final KafkaClients clients;
  private final Admin admin;
  private final KafkaProducer<byte[], byte[]> producer;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final List<KafkaClientMetrics> kafkaMetrics;
  private final InboundProducer inbound;
  private final GatewayTopic topic;
  private final ChannelRegistry registry;
  private final RecentMessages recent;
  private final LogHistory history;
  private final GatewayPresence presence;
  private final XnioWorker worker;
  private final IdentityHashMap<XnioIoThread, EventLoop> loops = new IdentityHashMap<>();
  private final GatewayTopicReader reader;
  private final ControlLoop control;
  private final Thread readerThread;
  private final Thread controlThread;
  private final SessionServices services;
  private final ConnectionSettings settings;
  private final Undertow undertow;
  private final AtomicLong connectionNumbers = new AtomicLong();
  private final AtomicLong topicCheckedNanos = new AtomicLong(System.nanoTime());
  private volatile long kafkaAnsweredNanos = System.nanoTime();
  private volatile @Nullable Uuid topicId;
  private volatile boolean draining;

  /**
   * Starts a gateway, and waits until it can serve.
   *
   * @param site answers what is not {@code /ws}
   * @param onLeave called, on a thread that must not be held up, when another process has taken
   *     this gateway's id
   * @throws IllegalStateException if Kafka, or a topic, is not to be had within the start timeout
   */
  public static Gateway start(
      GatewayConfig config,
      MeterRegistry meters,
      GatewayPresence.Ports presencePorts,
      HttpHandler site,
      Runnable onLeave)
      throws InterruptedException {
    try {
      Gateway gateway = new Gateway(config, meters, presencePorts, site, onLeave);
      gateway.undertow.start();
      log.info(
          "Gateway {} takes connections at {}:{}",
          config.id(),
          gateway.address().getHostString(),
          gateway.address().getPort());
      return gateway;
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          "Kafka at "
              + config.kafka().get("bootstrap.servers")
              + " did not answer within "
              + config.startTimeout().toSeconds()
              + " s",
          e);
    }
  }

  private Gateway(
      GatewayConfig config,
      MeterRegistry meters,
      GatewayPresence.Ports presencePorts,
      HttpHandler site,
      Runnable onLeave)
      throws InterruptedException, TimeoutException {
    this.config = config;
    this.onLeave = onLeave;
    this.metrics = new GatewayMetrics(meters);
    this.identity = new GatewayIdentity(config.id(), config.region(), UUID.randomUUID().toString());
    this.clients = new KafkaClients(config);
    this.admin = clients.admin();
    InboundLog inboundLog = new InboundLogFinder(admin, config).find(config.startTimeout());
    this.producer = clients.producer();
    this.consumer = clients.consumer();
    this.kafkaMetrics = List.of(new KafkaClientMetrics(producer), new KafkaClientMetrics(consumer));
    kafkaMetrics.forEach(bound -> bound.bindTo(meters));
    this.inbound =
        new InboundProducer(
            config.id(),
            producer,
            inboundLog,
            new ControlKey(config.controlKey().bytes()),
            config.format());
    this.topic =
        new GatewayTopic(
            config.topics().gateway(config.id()),
            config.replicationFactor(),
            config.gatewayTopicRetention(),
            admin,
            producer,
            config.format());
    GatewayTopic.Claimed claimed = topic.claim(identity.instance(), config.startTimeout());
    this.topicId = topic.id(config.startTimeout()).orElse(null);
    warm(inboundLog.topic());

    Semaphore controlWork = new Semaphore(0);
    this.registry =
        new ChannelRegistry(
            identity,
            inboundLog.placement(),
            claimed.generation(),
            System::nanoTime,
            controlWork::release);
    this.recent =
        new RecentMessages(
            inboundLog.placement().partitions(), config.recentBytes(), config.recentChannelBytes());
    this.history =
        new LogHistory(
            clients::historyConsumer,
            config.topics().index(),
            inboundLog,
            config.historyCacheBytes(),
            meters);
    LogPositions positions = new LogPositions(config.region(), inboundLog.id());
    this.worker = IoThreads.start(config.ioThreads());
    for (XnioIoThread thread : IoThreads.of(worker, config.ioThreads())) {
      loops.put(
          thread,
          new EventLoop(
              thread,
              new ChannelTable(registry, positions, recent, history, metrics),
              config.outboundBudgetBytes() / config.ioThreads(),
              metrics::written));
    }
    this.presence =
        new GatewayPresence(
            presencePorts,
            new Owner(config.id(), claimed.generation()),
            this::forEachMember,
            meters,
            this::restart);
    TokenVerifier tokens = JwtTokenVerifier.hs256(config.tokenSecret().bytes(), Clock.systemUTC());
    this.services =
        new SessionServices(
            inbound,
            presence,
            history,
            positions,
            tokens,
            new SessionLimits(
                config.maxSubscriptions(),
                config.maxUnacked(),
                config.maxErrorsPerMinute(),
                config.maxPayloadBytes()),
            metrics,
            Clock.systemUTC());
    this.settings =
        new ConnectionSettings(
            FrameLimits.defaults().withMaxMessageBytes(config.maxFrameBytes()),
            config.maxOutboundBytes(),
            (int) config.maxLag().toSeconds(),
            config.heartbeatSeconds());
    List<EventLoop> allLoops = List.copyOf(loops.values());
    this.reader =
        new GatewayTopicReader(
            consumer,
            topic.partition(),
            identity,
            inboundLog.placement().partitions(),
            registry,
            recent,
            allLoops,
            metrics,
            new Standing());
    reader.startAt(claimed);
    this.control =
        new ControlLoop(registry, inbound::write, allLoops, controlWork, this::checkTopic);
    this.readerThread = Thread.ofPlatform().name("lq-gateway-delivery").start(reader);
    this.controlThread = Thread.ofPlatform().name("lq-gateway-control").start(control);
    gauges(meters);
    this.kafkaAnsweredNanos = System.nanoTime();
    this.undertow = listener(config, tokens, site);
  }

  private void gauges(MeterRegistry meters) {
    Gauge.builder("lq.gateway.channels", registry, ChannelRegistry::channels)
        .description("Channels that this gateway gets from the router")
        .register(meters);
    Gauge.builder(
            "lq.outbound.lagging.connections",
            List.copyOf(loops.values()),
            all -> all.stream().mapToInt(EventLoop::lagging).sum())
        .description("Connections whose socket does not take what is there for it")
        .strongReference(true)
        .register(meters);
    Gauge.builder(
            "lq.outbound.queued.bytes",
            List.copyOf(loops.values()),
            all -> all.stream().mapToLong(EventLoop::queuedBytes).sum())
        .description("Bytes that wait for clients' sockets; a shared frame counts for each")
        .strongReference(true)
        .register(meters);
    Gauge.builder("lq.recent.bytes", recent, RecentMessages::bytes)
        .description("Messages kept in memory for clients that catch up")
        .register(meters);
    Gauge.builder("lq.router.silent.partitions", registry, r -> r.silentPartitions(SILENCE).size())
        .description("Partitions with channels here whose router has not been heard of for 5 s")
        .register(meters);
  }

  private Undertow listener(GatewayConfig config, TokenVerifier tokens, HttpHandler site) {
    HandshakeHandler handshake =
        new HandshakeHandler(tokens, config.allowedOrigins(), new Admission(), this::upgraded);
    return Undertow.builder()
        .setWorker(worker)
        .addHttpListener(config.port(), config.host())
        .setBufferSize(4096)
        .setSocketOption(Options.BACKLOG, 8192)
        .setSocketOption(Options.REUSE_ADDRESSES, true)
        .setSocketOption(Options.TCP_NODELAY, true)
        // A client that reads nothing then holds 0.28 MB of the kernel, and not 4 MB.
        .setSocketOption(Options.SEND_BUFFER, 64 * 1024)
        .setServerOption(UndertowOptions.MAX_HEADER_SIZE, 24 * 1024)
        .setServerOption(UndertowOptions.MAX_HEADERS, 100)
        .setServerOption(UndertowOptions.MAX_PARAMETERS, 50)
        .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, 64L * 1024)
        .setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, 15_000)
        .setServerOption(UndertowOptions.REQUEST_PARSE_TIMEOUT, 10_000)
        .setServerOption(UndertowOptions.ENABLE_HTTP2, false)
        .setHandler(new PathHandler(site).addExactPath("/ws", handshake))
        .build();
  }

  /** Where it listens; the port is the real one, also where any free one was asked for. */
  public InetSocketAddress address() {
    return (InetSocketAddress) undertow.getListenerInfo().getFirst().getAddress();
  }

  public GatewayIdentity identity() {
    return identity;
  }

  public long generation() {
    return registry.generation();
  }

  /** Takes a new generation and subscribes again: the lease was overslept, say. From any thread. */
  public void restart(String reason) {
    reader.restart(reason);
  }

  public GatewayHealth health() {
    List<String> reasons = new ArrayList<>();
    if (draining) {
      reasons.add("draining");
    }
    if (!readerThread.isAlive() || !controlThread.isAlive()) {
      reasons.add("a thread has ended");
    }
    if (reader.nanosSinceLastPoll() > SILENCE.toNanos()) {
      reasons.add("the gateway's topic is not read");
    }
    long unanswered = System.nanoTime() - kafkaAnsweredNanos;
    if (unanswered > KAFKA_SILENCE.toNanos()) {
      reasons.add(
          "Kafka has not answered for " + TimeUnit.NANOSECONDS.toSeconds(unanswered) + " s");
    }
    List<Integer> silent = registry.silentPartitions(SILENCE);
    if (!silent.isEmpty()) {
      reasons.add("no router has been heard of for partitions " + silent);
    }
    return reasons.isEmpty() ? new Ready() : new NotReady(reasons);
  }

  private final class Admission implements HandshakeHandler.Admission {
    @Override
    public boolean enter() {
      return !draining && metrics.enter(config.maxConnections());
    }

    @Override
    public void leave() {
      metrics.leave();
    }

    @Override
    public void outcome(String outcome) {
      metrics.handshake(outcome);
    }
  }

  /** Shows who is connected, I/O thread by I/O thread; waits for each. */
  private void forEachMember(PresenceSource.Visitor visitor) {
    for (EventLoop loop : loops.values()) {
      CompletableFuture<List<ChannelTable.Member>> members = new CompletableFuture<>();
      loop.execute(() -> members.complete(loop.table().members()));
      for (ChannelTable.Member member : members.orTimeout(10, TimeUnit.SECONDS).join()) {
        visitor.member(
            member.channel().tenant(),
            new PresenceChange.Joined(
                member.channel().channel(),
                member.connection(),
                member.user(),
                member.sinceMillis()));
      }
    }
  }

  /** On the channel's I/O thread. */
  private void upgraded(StreamConnection channel, Principal principal) {
    EventLoop loop = loops.get(channel.getIoThread());
    if (loop == null) {
      throw new IllegalStateException("a channel of an unknown I/O thread");
    }
    ConnectionId id =
        new ConnectionId(
            config.id().value().length() <= 40
                ? config.id()
                    + "-"
                    + Long.toString(registry.generation(), 36)
                    + "-"
                    + Long.toString(connectionNumbers.incrementAndGet(), 36)
                : UUID.randomUUID().toString());
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
    WebSocketConnection.open(
        channel,
        loop,
        settings,
        link -> new Session(id, principal, link, loop.table(), services, loop),
        cause -> {
          metrics.leave();
          metrics.ended(cause);
        },
        FrameEncoder.text(welcome, 0, welcome.length));
  }

  private final class Standing implements GatewayTopicReader.Standing {
    @Override
    public GatewayTopic.@Nullable Claimed takeNewGeneration() throws InterruptedException {
      try {
        GatewayTopic.Claimed claimed = topic.claim(identity.instance(), Duration.ofSeconds(10));
        topicId = topic.id(Duration.ofSeconds(5)).orElse(null);
        presence.owner(new Owner(config.id(), claimed.generation()));
        return claimed;
      } catch (TimeoutException | IllegalStateException e) {
        log.warn("No new generation could be had, which is tried again: {}", e.toString());
        return null;
      }
    }

    @Override
    public void leave() {
      draining = true;
      loops.values().forEach(loop -> loop.forEachConnection(c -> c.close(CloseReason.DRAIN)));
      Thread.ofPlatform().name("lq-gateway-leave").start(onLeave);
    }
  }

  /** Finds out whether the gateway's topic was deleted, or deleted and created again. */
  private void checkTopic() {
    long now = System.nanoTime();
    if (now - topicCheckedNanos.get() < TOPIC_CHECK.toNanos()) {
      return;
    }
    topicCheckedNanos.set(now);
    try {
      Optional<Uuid> found = topic.id(Duration.ofSeconds(1));
      kafkaAnsweredNanos = System.nanoTime();
      if (!found.equals(Optional.ofNullable(topicId))) {
        restart("its topic was deleted");
      }
    } catch (TimeoutException | IllegalStateException e) {
      log.debug("Whether the gateway's topic is there is not known", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Fetches the topic's metadata, since a producer that never waits can't send without. */
  private void warm(String topicName) throws InterruptedException, TimeoutException {
    long deadline = System.nanoTime() + config.startTimeout().toNanos();
    while (true) {
      try {
        if (!producer.partitionsFor(topicName).isEmpty()) {
          return;
        }
      } catch (org.apache.kafka.common.errors.TimeoutException e) {
        if (System.nanoTime() > deadline) {
          throw new TimeoutException("no metadata of " + topicName);
        }
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  /** Stops taking connections, and advises clients to go elsewhere, spread over the drain time. */
  private void drain() throws InterruptedException {
    draining = true;
    long drainMillis = config.drainTime().toMillis();
    for (EventLoop loop : loops.values()) {
      loop.forEachConnection(
          connection -> {
            long at = ThreadLocalRandom.current().nextLong(drainMillis + 1);
            byte[] advice =
                ServerFrames.reconnect("drain", ThreadLocalRandom.current().nextLong(1000));
            loop.thread()
                .executeAfter(
                    () ->
                        loop.execute(
                            () -> {
                              connection.send(FrameEncoder.text(advice, 0, advice.length));
                              connection.close(CloseReason.DRAIN);
                            }),
                    at,
                    TimeUnit.MILLISECONDS);
          });
    }
    long deadline = System.nanoTime() + config.drainTime().toNanos() + 2_000_000_000L;
    while (metrics.activeConnections() > 0 && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  @Override
  public void close() {
    try {
      drain();
      undertow.stop();
      // Before the farewell: its own downs would tell the reader to take another generation.
      reader.stop();
      sayFarewell();
      presence.close();
      control.stop();
      controlThread.join(Duration.ofSeconds(2));
      readerThread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    loops.values().forEach(EventLoop::stop);
    inbound.close(Duration.ofSeconds(2));
    admin.close(Duration.ofSeconds(1));
    kafkaMetrics.forEach(KafkaClientMetrics::close);
    history.close();
    worker.shutdown();
  }

  /** Tells the log that this gateway has left, so that nothing is routed to it any more. */
  private void sayFarewell() throws InterruptedException {
    List<CompletableFuture<Long>> written = new ArrayList<>();
    for (ControlRecord record : registry.farewell()) {
      written.add(inbound.write(record).toCompletableFuture());
    }
    try {
      CompletableFuture.allOf(written.toArray(CompletableFuture[]::new)).get(3, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      log.warn("The log could not be told that this gateway has left: its lease will run out", e);
    }
  }
}
