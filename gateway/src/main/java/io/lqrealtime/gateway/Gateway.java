package io.lqrealtime.gateway;

import io.lqrealtime.config.ConfigurationException;
import io.lqrealtime.config.Environment;
import io.lqrealtime.gateway.GatewayHealth.NotReady;
import io.lqrealtime.gateway.GatewayHealth.Ready;
import io.lqrealtime.gateway.delivery.ChannelRegistry;
import io.lqrealtime.gateway.delivery.ControlLoop;
import io.lqrealtime.gateway.delivery.GatewayIdentity;
import io.lqrealtime.gateway.delivery.GatewayTopic;
import io.lqrealtime.gateway.delivery.GatewayTopicReader;
import io.lqrealtime.gateway.delivery.MemberLog;
import io.lqrealtime.gateway.delivery.RecentMessages;
import io.lqrealtime.gateway.history.LogHistory;
import io.lqrealtime.gateway.inbound.InboundLog;
import io.lqrealtime.gateway.inbound.InboundProducer;
import io.lqrealtime.gateway.presence.GatewayPresence;
import io.lqrealtime.gateway.presence.LoggedPresence;
import io.lqrealtime.gateway.security.JwtTokenVerifier;
import io.lqrealtime.gateway.security.TokenCheckThreads;
import io.lqrealtime.gateway.session.ChannelTable;
import io.lqrealtime.gateway.session.LogPositions;
import io.lqrealtime.gateway.session.SessionServices;
import io.lqrealtime.gateway.tenant.OrderReader;
import io.lqrealtime.gateway.tenant.Revocations;
import io.lqrealtime.gateway.tenant.Tenants;
import io.lqrealtime.gateway.tenant.UnrevokedTokens;
import io.lqrealtime.gateway.transport.EventLoop;
import io.lqrealtime.gateway.transport.IoThreads;
import io.lqrealtime.gateway.transport.LinuxSocketTable;
import io.lqrealtime.gateway.transport.MemoryBudget;
import io.lqrealtime.gateway.websocket.PerMessageDeflate;
import io.lqrealtime.presence.Owner;
import io.lqrealtime.record.ControlKey;
import io.lqrealtime.record.ControlRecord;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import io.undertow.server.HttpHandler;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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

  /** Several checks in a row: one slow answer is no outage. */
  private static final Duration KAFKA_SILENCE = Duration.ofSeconds(8);

  private final GatewayConfig config;
  private final Credentials credentials;
  private final GatewayIdentity identity;
  private final Runnable onLeave;
  private final Admin admin;
  private final KafkaProducer<byte[], byte[]> producer;
  private final List<KafkaClientMetrics> kafkaMetrics;
  private final InboundProducer inbound;
  private final TopicHold hold;
  private final Tenants tenants;
  private final ChannelRegistry registry;
  private final LogHistory history;
  private final GatewayPresence presence;
  private final XnioWorker worker;
  private final LinuxSocketTable silentPeers;
  private final EventLoops loops;
  private final GatewayTopicReader reader;
  private final ControlLoop control;
  private final OrderReader orders;
  private final TokenCheckThreads tokens;
  private final Thread orderThread;
  private final Thread readerThread;
  private final Thread controlThread;
  private final ClientListener listener;

  /**
   * Starts a gateway, and waits until it can serve.
   *
   * @param site answers what is not {@code /ws}
   * @param onLeave called, on a thread that must not be held up, when another process has taken
   *     this gateway's id
   * @throws ConfigurationException if the certificate, or the file of a JWK Set, can't be used
   * @throws IllegalStateException if Kafka, a topic or the keys of tokens are not to be had within
   *     the start timeout
   */
  public static Gateway start(
      GatewayConfig config,
      MeterRegistry meters,
      GatewayPresence.Ports presencePorts,
      HttpHandler site,
      Runnable onLeave)
      throws InterruptedException {
    Credentials credentials = Credentials.open(config, meters);
    try {
      return start(config, credentials, meters, presencePorts, site, onLeave);
    } catch (RuntimeException | InterruptedException e) {
      credentials.close();
      throw e;
    }
  }

  private static Gateway start(
      GatewayConfig config,
      Credentials credentials,
      MeterRegistry meters,
      GatewayPresence.Ports presencePorts,
      HttpHandler site,
      Runnable onLeave)
      throws InterruptedException {
    KafkaClients clients = new KafkaClients(config);
    Gateway gateway;
    try {
      gateway = new Gateway(config, credentials, clients, meters, presencePorts, site, onLeave);
    } catch (TimeoutException e) {
      clients.abandon();
      throw new IllegalStateException(
          "Kafka at "
              + config.kafka().get("bootstrap.servers")
              + " did not answer within "
              + config.startTimeout().toSeconds()
              + " s",
          e);
    } catch (RuntimeException | InterruptedException e) {
      clients.abandon();
      throw e;
    }
    try {
      gateway.listener.start();
      credentials.watchCertificate(gateway.listener::use);
    } catch (RuntimeException e) {
      gateway.close();
      throw e;
    }
    log.info(
        "Gateway {} takes connections at {}:{}",
        config.id(),
        config.host().contains(":") ? "[" + config.host() + "]" : config.host(),
        gateway.address().getPort());
    return gateway;
  }

  private Gateway(
      GatewayConfig config,
      Credentials credentials,
      KafkaClients clients,
      MeterRegistry meters,
      GatewayPresence.Ports presencePorts,
      HttpHandler site,
      Runnable onLeave)
      throws InterruptedException, TimeoutException {
    this.config = config;
    this.credentials = credentials;
    this.onLeave = onLeave;
    GatewayMetrics metrics = new GatewayMetrics(meters);
    this.identity = new GatewayIdentity(config.id(), config.region(), UUID.randomUUID().toString());
    this.admin = clients.admin();
    InboundLog inboundLog = new InboundLogFinder(admin, config).find(config.startTimeout());
    this.producer = clients.producer();
    KafkaConsumer<byte[], byte[]> consumer = clients.consumer("consumer");
    this.kafkaMetrics = List.of(new KafkaClientMetrics(producer), new KafkaClientMetrics(consumer));
    kafkaMetrics.forEach(bound -> bound.bindTo(meters));
    this.inbound =
        new InboundProducer(
            config.id(),
            producer,
            inboundLog,
            new ControlKey(config.controlKey().bytes()),
            config.format(),
            clients.bytesUnderWay());
    metrics.watch(inbound);
    GatewayTopic topic =
        new GatewayTopic(
            config.topics().gateway(config.id()),
            config.replicationFactor(),
            config.gatewayTopicRetention(),
            admin,
            producer,
            config.format());
    this.hold = new TopicHold(topic, identity.instance());
    GatewayTopic.Claimed claimed = hold.claim(config.startTimeout());
    warm(inboundLog.topic());

    this.tenants = new Tenants(config.maxConnections(), config.tenant(), System::nanoTime);
    Semaphore controlWork = new Semaphore(0);
    this.registry =
        new ChannelRegistry(
            identity,
            inboundLog.placement(),
            claimed.generation(),
            tenant -> tenants.limitsOf(tenant).channels(),
            System::nanoTime,
            controlWork::release);
    MemberLog members =
        new MemberLog(registry, inboundLog.placement().partitions(), controlWork::release);
    RecentMessages recent =
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
    // Nothing of ours blocks: without TLS there is nothing to hand to task threads.
    this.worker =
        IoThreads.start(config.ioThreads(), config.tls().isPresent() ? config.ioThreads() : 1);
    // A ping has been out for a heartbeat by then, and the kernel's pauses double: where nothing
    // has come back since, the present one is longer than half of that.
    this.silentPeers =
        LinuxSocketTable.start(
            Path.of("/proc/net"), Duration.ofSeconds(config.heartbeatSeconds()).dividedBy(2));
    metrics.watch(silentPeers);
    CompressionMetrics compression = new CompressionMetrics(meters);
    this.loops =
        new EventLoops(
            IoThreads.of(worker, config.ioThreads()),
            thread ->
                new EventLoop(
                    thread,
                    new ChannelTable(registry, positions, recent, history, metrics),
                    new MemoryBudget(
                        config.outboundBudgetBytes() / config.ioThreads(),
                        config.inboundBudgetBytes() / config.ioThreads()),
                    metrics::written,
                    silentPeers,
                    deflate(compression)));
    Revocations revocations = new Revocations(config.maxRevocations());
    TenantControl tenantControl = new TenantControl(tenants, revocations, loops);
    this.orders =
        new OrderReader(
            clients.consumer("tenants"), config.topics().tenants(), tenantControl, metrics);
    orders.readUpToNow(config.startTimeout());
    metrics.watch(tenants, revocations, orders);
    this.presence =
        new GatewayPresence(
            presencePorts,
            new Owner(config.id(), claimed.generation()),
            loops,
            meters,
            this::restart);
    this.tokens =
        new TokenCheckThreads(
            new UnrevokedTokens(
                new JwtTokenVerifier(credentials.keys(), config.auth().claims(), Clock.systemUTC()),
                revocations),
            config.auth().threads(),
            System::nanoTime);
    metrics.watch(tokens);
    SessionServices services =
        new SessionServices(
            inbound,
            new LoggedPresence(presence, members),
            history,
            positions,
            tokens,
            config.session(),
            metrics,
            Clock.systemUTC(),
            System::nanoTime);
    this.listener =
        new ClientListener(
            config,
            credentials.certificate(),
            worker,
            loops,
            services,
            tenants,
            tenantControl::closeIfRevoked,
            metrics,
            site);
    this.reader =
        new GatewayTopicReader(
            consumer,
            topic.partition(),
            identity,
            inboundLog.placement().partitions(),
            registry,
            recent,
            loops.all(),
            metrics,
            new Standing());
    reader.startAt(claimed);
    this.control =
        new ControlLoop(
            registry, members, inbound::write, loops.all(), controlWork, this::everySecond);
    this.orderThread = Thread.ofPlatform().name("lq-gateway-orders").start(orders);
    this.readerThread = Thread.ofPlatform().name("lq-gateway-delivery").start(reader);
    this.controlThread = Thread.ofPlatform().name("lq-gateway-control").start(control);
    metrics.watch(registry, members, recent, loops, SILENCE);
  }

  /** Where it listens; the port is the real one, also where any free one was asked for. */
  public InetSocketAddress address() {
    return listener.address();
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
    if (listener.isDraining()) {
      // What stands still from here on does so in order.
      return new NotReady(List.of("draining"));
    }
    List<String> reasons = new ArrayList<>();
    if (!readerThread.isAlive() || !orderThread.isAlive() || !controlThread.isAlive()) {
      reasons.add("a thread has ended");
    }
    if (reader.nanosSinceLastPoll() > SILENCE.toNanos()) {
      reasons.add("the gateway's topic is not read");
    }
    long unanswered = hold.nanosSinceAnswer();
    if (unanswered > KAFKA_SILENCE.toNanos()) {
      reasons.add(
          "Kafka has not answered for " + TimeUnit.NANOSECONDS.toSeconds(unanswered) + " s");
    }
    inbound
        .refusal()
        .ifPresent(why -> reasons.add("Kafka refuses what this gateway writes: " + why));
    List<Integer> silent = registry.silentPartitions(SILENCE);
    if (!silent.isEmpty()) {
      reasons.add("no router has been heard of for partitions " + silent);
    }
    return reasons.isEmpty() ? new Ready() : new NotReady(reasons);
  }

  private final class Standing implements GatewayTopicReader.Standing {
    @Override
    public Optional<GatewayTopic.Claimed> takeNewGeneration() throws InterruptedException {
      Optional<GatewayTopic.Claimed> claimed = hold.claimAgain();
      claimed.ifPresent(taken -> presence.owner(new Owner(config.id(), taken.generation())));
      return claimed;
    }

    @Override
    public void leave() {
      listener.leave();
      Thread.ofPlatform().name("lq-gateway-leave").start(onLeave);
    }
  }

  /** For one I/O thread; null where the operator has not turned it on. */
  private @Nullable PerMessageDeflate deflate(PerMessageDeflate.Metrics compression) {
    return config.deflateMinBytes().isPresent()
        ? new PerMessageDeflate(
            config.frameLimits(),
            config.deflateMinBytes().getAsInt(),
            System::nanoTime,
            compression)
        : null;
  }

  private void everySecond() {
    tenants.sweep();
    if (hold.isLost()) {
      restart("its topic was deleted");
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

  @Override
  public void close() {
    try {
      log.info(
          "Draining: {} clients are sent away within {}",
          tenants.connections(),
          Environment.show(config.drainTime()));
      listener.drain();
      log.info("Drained: {} clients are left, and are cut off", tenants.connections());
      listener.stop();
      // Before the farewell: its own downs would tell the reader to take another generation.
      reader.stop();
      sayFarewell();
      presence.close();
      control.stop();
      orders.stop();
      orderThread.join(Duration.ofSeconds(2));
      controlThread.join(Duration.ofSeconds(2));
      readerThread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    loops.stop();
    inbound.close(Duration.ofSeconds(2));
    admin.close(Duration.ofSeconds(1));
    kafkaMetrics.forEach(KafkaClientMetrics::close);
    history.close();
    worker.shutdown();
    silentPeers.close();
    tokens.close();
    credentials.close();
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
