package io.lqrealtime.presence.redis;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.metrics.MicrometerCommandLatencyRecorder;
import io.lettuce.core.metrics.MicrometerOptions;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.Delay;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Lettuce client that fits the configuration (one server, Sentinel or Cluster) with the threads
 * that all its connections share: two for I/O, two for everything else and a timer, all daemons
 * named {@code lq-redis-…}.
 *
 * <p>Connections are made again with pauses of at most a quarter of a second.
 */
final class RedisClients implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RedisClients.class);

  /** A server that is back is used within this time, at the price of a few attempts a second. */
  static final Duration LONGEST_PAUSE = Duration.ofMillis(250);

  private static final Duration KEEPALIVE = Duration.ofSeconds(5);
  private static final int LETTUCE_QUEUES = 4;
  private static final Duration TOPOLOGY_REFRESH = Duration.ofSeconds(30);

  /**
   * A sign of a failover has the nodes asked who owns what, which Lettuce does by itself, but not
   * more often than this.
   */
  private static final Duration ADAPTIVE_REFRESH = Duration.ofMillis(500);

  /** A connection with its commands; the same calls whether one server or a cluster is behind. */
  record Connection(
      StatefulConnection<String, String> connection,
      RedisClusterAsyncCommands<String, String> commands) {
    void close() {
      // Its outcome changes nothing: the connection is not used any more.
      var _ = connection.closeAsync();
    }
  }

  private interface Connector {
    CompletionStage<Connection> connect();
  }

  private final ClientResources resources;
  private final AbstractRedisClient client;
  private final Connector connector;
  private final List<Runnable> disruptionListeners = new CopyOnWriteArrayList<>();

  RedisClients(RedisConfig config, MeterRegistry registry) {
    this(config, registry, TOPOLOGY_REFRESH);
  }

  /**
   * @param topologyRefresh how often a cluster's nodes are asked who owns what
   */
  RedisClients(RedisConfig config, MeterRegistry registry, Duration topologyRefresh) {
    resources =
        DefaultClientResources.builder()
            .ioThreadPoolSize(DefaultClientResources.MIN_IO_THREADS)
            .computationThreadPoolSize(DefaultClientResources.MIN_COMPUTATION_THREADS)
            .threadFactoryProvider(RedisClients::threads)
            .reconnectDelay(
                Delay.exponential(Duration.ofMillis(20), LONGEST_PAUSE, 2, TimeUnit.MILLISECONDS))
            .commandLatencyRecorder(
                new MicrometerCommandLatencyRecorder(registry, MicrometerOptions.create()))
            .build();
    switch (config.servers()) {
      case RedisServers.One(var uri) -> {
        uri.setTimeout(config.commandTimeout());
        RedisClient one = RedisClient.create(resources, uri);
        one.setOptions(options(ClientOptions.builder(), config).build());
        client = one;
        connector =
            () ->
                one.connectAsync(StringCodec.UTF8, uri)
                    .thenApply(connection -> new Connection(connection, connection.async()));
      }
      case RedisServers.Cluster(var seeds) -> {
        seeds.forEach(seed -> seed.setTimeout(config.commandTimeout()));
        RedisClusterClient cluster = RedisClusterClient.create(resources, seeds);
        ClusterClientOptions.Builder builder = ClusterClientOptions.builder();
        options(builder, config);
        cluster.setOptions(
            builder
                .topologyRefreshOptions(
                    ClusterTopologyRefreshOptions.builder()
                        .enablePeriodicRefresh(topologyRefresh)
                        .adaptiveRefreshTriggersTimeout(ADAPTIVE_REFRESH)
                        .build())
                .build());
        client = cluster;
        connector =
            () ->
                cluster
                    .refreshPartitionsAsync()
                    .thenCompose(ignored -> cluster.connectAsync(StringCodec.UTF8))
                    .thenApply(connection -> new Connection(connection, connection.async()));
      }
    }
    client.addListener(new Reconnections());
  }

  private static DefaultThreadFactory threads(String pool) {
    String job = pool.contains("imer") ? "timer" : pool.contains("eventExecutor") ? "work" : "io";
    return new DefaultThreadFactory("lq-redis-" + job, true);
  }

  private static ClientOptions.Builder options(ClientOptions.Builder builder, RedisConfig config) {
    Duration timeout = config.commandTimeout();
    return builder
        .autoReconnect(true)
        .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
        .replayFilter(command -> true)
        // Above what a link lets out, and what has timed out there and still waits for the server:
        // here each refused call would be logged with its stack.
        .requestQueueSize(LETTUCE_QUEUES * config.queue())
        .timeoutOptions(TimeoutOptions.enabled(timeout))
        .maintNotificationsConfig(MaintNotificationsConfig.disabled())
        .socketOptions(
            SocketOptions.builder()
                .connectTimeout(timeout.multipliedBy(2))
                .keepAlive(
                    SocketOptions.KeepAliveOptions.builder()
                        .enable()
                        .idle(KEEPALIVE)
                        .interval(KEEPALIVE)
                        .count(3)
                        .build())
                .build());
  }

  CompletionStage<Connection> connect() {
    try {
      return connector.connect();
    } catch (RuntimeException e) {
      // Lettuce checks some options only here.
      return CompletableFuture.failedFuture(e);
    }
  }

  void schedule(Runnable task, long delay, TimeUnit unit) {
    try {
      var _ = resources.eventExecutorGroup().schedule(task, delay, unit);
    } catch (RejectedExecutionException e) {
      log.debug("Closed meanwhile: a retry is not needed any more", e);
    }
  }

  void onDisruption(Runnable listener) {
    disruptionListeners.add(listener);
  }

  void disrupted() {
    disruptionListeners.forEach(Runnable::run);
  }

  @Override
  public void close() {
    client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    resources.shutdown(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }

  private final class Reconnections implements RedisConnectionStateListener {
    private final AtomicBoolean lost = new AtomicBoolean();

    @Override
    public void onRedisConnected(RedisChannelHandler<?, ?> connection, SocketAddress address) {
      if (lost.compareAndSet(true, false)) {
        log.info("A connection to Redis was lost and is back");
        disrupted();
      }
    }

    @Override
    public void onRedisDisconnected(RedisChannelHandler<?, ?> connection) {
      // What this side has closed is not lost: a cluster's nodes are asked over connections of
      // their own, every now and then.
      if (!connection.isClosed()) {
        lost.set(true);
        // At once: a replica may be in its place before this process has a connection to it.
        disrupted();
      }
    }
  }
}
