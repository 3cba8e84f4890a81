package io.lqrealtime.router.streams;

import io.lqrealtime.router.Health;
import io.lqrealtime.router.RouterConfig;
import io.lqrealtime.router.RouterException;
import io.lqrealtime.router.core.IdBudget;
import io.lqrealtime.router.sweep.GatewaySweeper;
import io.lqrealtime.router.sweep.LeaseObserver;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts of a running router: Kafka Streams, the watches over topics and commits, the sweeper.
 *
 * <p>Safe for use by several threads.
 */
public final class RouterRuntime implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RouterRuntime.class);

  /** A partition shows itself every second: silent for this long, its thread hangs. */
  static final Duration SILENT = Duration.ofSeconds(10);

  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(10);

  private final ActivePartitions partitions = new ActivePartitions();
  private volatile Optional<String> failure = Optional.empty();
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final TopicWatch topics;
  private final KafkaStreams streams;

  /**
   * Starts them.
   *
   * @throws RouterException if Kafka or the topics are not there in time
   */
  public RouterRuntime(RouterConfig config, MeterRegistry meters, LeaseObserver leases) {
    try {
      Map<String, Object> client = client(config);
      Admin admin = Admin.create(admin(client));
      closedLater(() -> admin.close(Duration.ofSeconds(2)));
      InboundTopic inbound =
          InboundTopic.await(admin, config.bootstrapServers(), config.topics(), config.topicWait());
      topics =
          new TopicWatch(
              admin,
              config.topics().gatewayPrefix(),
              config.topics().inbound(),
              inbound.id(),
              this::stop);
      closedLater(topics);
      CommittedOffsets commits =
          new CommittedOffsets(
              CommittedOffsets.of(
                  admin, config.topics().routerApplicationId(), config.topics().inbound()),
              partitions::closedEntries,
              CommittedOffsets.PERIOD);
      closedLater(commits);
      Path state = stateDirectory(config);
      IdBudget ids = new IdBudget(config.dedupMaxIds());
      RouterMetrics metrics = new RouterMetrics(meters, partitions, ids);
      RouterContext context =
          new RouterContext(
              config.topics(),
              config.region(),
              inbound.log(),
              inbound.placement(),
              config.keys(),
              config.maxPayloadBytes(),
              config.format(),
              config.dedupWindow(),
              ids,
              new CommitMarks(),
              topics,
              commits,
              partitions,
              metrics);
      streams =
          new KafkaStreams(
              RouterTopology.of(context),
              StreamsSettings.of(
                  config, state, new ProductionFailures.Ports(config.topics(), topics, metrics)));
      closedLater(this::closeStreams);
      KafkaStreamsMetrics streamsMetrics = new KafkaStreamsMetrics(streams);
      streamsMetrics.bindTo(meters);
      closedLater(streamsMetrics);
      streams.setUncaughtExceptionHandler(
          new ThreadFailures(config.threads(), this::fail, System::nanoTime));
      DownLog downs =
          new DownLog(client, config.topics().inbound(), config.keys().service(), config.format());
      closedLater(downs);
      topics.start();
      commits.start();
      streams.start();
      closedLater(
          new SweeperThread(
              new GatewaySweeper(
                  leases,
                  partitions::living,
                  downs,
                  config.region(),
                  config.leaseTime(),
                  System::nanoTime),
              config.leaseTime()));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Whether messages are routed, as far as this process can tell. Never blocks. */
  public Health health() {
    Optional<String> failed = failure;
    if (failed.isPresent()) {
      return new Health.Failed(failed.get());
    }
    KafkaStreams.State state = streams.state();
    if (state == KafkaStreams.State.ERROR || state.isShuttingDown() || state.hasNotStarted()) {
      return new Health.NotReady("Kafka Streams is " + state);
    }
    if (state != KafkaStreams.State.RUNNING) {
      return new Health.NotReady("partitions are being assigned");
    }
    Optional<Integer> silent = partitions.silentFor(SILENT);
    if (silent.isPresent()) {
      return new Health.NotReady("partition " + silent.get() + " makes no progress");
    }
    if (topics.age().compareTo(SILENT) > 0) {
      return new Health.NotReady("Kafka does not list its topics");
    }
    return new Health.Ready();
  }

  /** Leaves the group, so that another router takes over at once. Bounded; idempotent. */
  @Override
  public void close() {
    while (true) {
      AutoCloseable part;
      synchronized (parts) {
        part = parts.pollLast();
      }
      if (part == null) {
        return;
      }
      try {
        part.close();
      } catch (Exception e) {
        if (e instanceof InterruptedException) {
          Thread.currentThread().interrupt();
        }
        LOG.warn("A part of the router did not close well", e);
      }
    }
  }

  private void closedLater(AutoCloseable part) {
    synchronized (parts) {
      parts.addLast(part);
    }
  }

  private void closeStreams() {
    boolean closed =
        streams.close(
            CloseOptions.groupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP)
                .withTimeout(CLOSE_WITHIN));
    if (!closed) {
      LOG.warn("Kafka Streams did not close within {}", CLOSE_WITHIN);
    }
  }

  private synchronized void fail(String reason) {
    if (failure.isEmpty()) {
      failure = Optional.of(reason);
      LOG.error("The router stops: {}", reason);
    }
  }

  private void stop(String reason) {
    fail(reason);
    // On a thread of its own: the one that noticed is among those that are closed.
    Thread.ofPlatform().daemon().name("lq-router-stop").start(this::close);
  }

  private static Map<String, Object> client(RouterConfig config) {
    Map<String, Object> client = new TreeMap<>(config.kafka());
    client.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers());
    return client;
  }

  private static Map<String, Object> admin(Map<String, Object> client) {
    Map<String, Object> admin = new TreeMap<>(client);
    admin.put(AdminClientConfig.CLIENT_ID_CONFIG, "lq-router-topics");
    admin.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 2_000);
    admin.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 4_000);
    return admin;
  }

  private Path stateDirectory(RouterConfig config) {
    if (config.stateDirectory().isPresent()) {
      return config.stateDirectory().get();
    }
    try {
      Path temporary = Files.createTempDirectory("lq-router-");
      closedLater(() -> Utils.delete(temporary.toFile()));
      return temporary;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
