package io.lqrealtime.embedded;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real Kafka broker with its KRaft controller, in this process.
 *
 * <p>The data directory is formatted at the first start and reopened afterwards, with the same
 * cluster id and all that was written, also after the process was killed. It belongs to one broker
 * at a time; a second one is refused, in whichever process it is. The port is fixed from the first
 * start on, so that clients find the broker again after {@link #restart()}, or {@link #stop()} and
 * {@link #start()}.
 *
 * <p>Several brokers in one process work, one after the other or at once, each with its directory;
 * Kafka's process-wide metrics registry is then a mixture of theirs.
 *
 * <p>Bounds: a start gives up after two to three minutes, a stop after 30 seconds. Failures are
 * {@link EmbeddedServerException}s. A broker that can no longer write to its disk halts the
 * process, as Kafka does everywhere; any other fault is logged, and kept in {@link #fault()}.
 *
 * <p>All methods may be called from any thread; those that start and stop wait for one another.
 */
public final class EmbeddedKafka implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedKafka.class);
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(60);
  private static final Duration STOP_WITHIN = Duration.ofSeconds(30);

  private final KafkaOptions options;
  private final Path directory;
  private volatile int port;
  private volatile int securedPort;
  private volatile Optional<KafkaNode> node = Optional.empty();
  private @Nullable DirectoryLock lock;
  private boolean closed;

  private EmbeddedKafka(KafkaOptions options, Path directory) {
    this.options = options;
    this.directory = directory;
    this.port = options.port();
  }

  /** Starts a broker and returns when it answers its clients. */
  public static EmbeddedKafka start(KafkaOptions options) {
    Path directory = Directories.create(options.directory());
    EmbeddedKafka kafka = new EmbeddedKafka(options, directory);
    try {
      kafka.start();
      return kafka;
    } catch (RuntimeException e) {
      Directories.release(options.directory(), directory);
      throw e;
    }
  }

  /** Where clients find the broker, {@code host:port}. */
  public String bootstrapServers() {
    return options.host() + ":" + port;
  }

  /** Where clients find the listener of {@link KafkaOptions#withSecuredListener}. */
  public String securedBootstrapServers() {
    if (options.secured().isEmpty()) {
      throw new IllegalStateException("the broker has no secured listener");
    }
    return options.host() + ":" + securedPort;
  }

  public String host() {
    return options.host();
  }

  public int port() {
    return port;
  }

  public Path directory() {
    return directory;
  }

  public boolean isRunning() {
    return node.isPresent();
  }

  /** The fault, if there was one, after which the running broker cannot be relied on. */
  public Optional<RuntimeException> fault() {
    return node.flatMap(KafkaNode::fatalFault);
  }

  /** The id that the directory was formatted with. Only while the broker runs. */
  public String clusterId() {
    return node.orElseThrow(() -> new IllegalStateException("the broker is stopped")).clusterId();
  }

  /** Starts the broker again where {@link #stop()} left it. Nothing to do if it runs. */
  public synchronized void start() {
    if (closed) {
      throw new IllegalStateException("the broker is closed");
    }
    if (node.isPresent()) {
      return;
    }
    DirectoryLock acquired = DirectoryLock.acquire(directory);
    try {
      node = Optional.of(launch());
      lock = acquired;
    } catch (RuntimeException e) {
      acquired.close();
      throw e;
    }
  }

  /** Hands over what it leads, flushes, and lets go of port and directory. Clients are cut off. */
  public synchronized void stop() {
    if (node.isEmpty()) {
      return;
    }
    stop(node.get());
    node = Optional.empty();
    if (lock != null) {
      lock.close();
      lock = null;
    }
  }

  public synchronized void restart() {
    stop();
    start();
  }

  /** Stops the broker for good, and deletes its directory if that was to be temporary. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    stop();
    closed = true;
    Directories.release(options.directory(), directory);
  }

  private KafkaNode launch() {
    long begun = System.nanoTime();
    KafkaStorage storage = KafkaStorage.open(directory);
    KafkaSockets sockets =
        KafkaSockets.listen(
            options.host(),
            port,
            options.secured().isPresent() ? OptionalInt.of(securedPort) : OptionalInt.empty());
    try {
      KafkaNode launched = launch(storage, sockets);
      port = sockets.brokerPort();
      securedPort = sockets.securedPort();
      LOG.info(
          "Kafka on {}, data in {} ({}), ready after {} ms",
          bootstrapServers(),
          directory,
          storage.state(),
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));
      return launched;
    } catch (RuntimeException e) {
      sockets.close();
      throw e;
    }
  }

  private KafkaNode launch(KafkaStorage storage, KafkaSockets sockets) {
    KafkaNode launched = create(storage, sockets);
    try {
      launched.start(storage.state());
      awaitAnswer(sockets.brokerPort());
      return launched;
    } catch (Exception e) {
      // Not only RuntimeException: Scala throws checked exceptions without declaring them.
      throw giveUp(launched, e);
    }
  }

  private EmbeddedServerException giveUp(KafkaNode launched, Exception reason) {
    try {
      stop(launched);
    } catch (EmbeddedServerException e) {
      reason.addSuppressed(e);
    }
    if (reason instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    return reason instanceof EmbeddedServerException known
        ? known
        : new EmbeddedServerException.Failed(
            "the broker in %s did not start: %s".formatted(directory, reason), reason);
  }

  private KafkaNode create(KafkaStorage storage, KafkaSockets sockets) {
    try {
      return new KafkaNode(BrokerProperties.of(options, storage.logDirectory(), sockets), sockets);
    } catch (RuntimeException e) {
      throw new EmbeddedServerException.Failed(
          "the broker in %s cannot be set up: %s".formatted(directory, e), e);
    }
  }

  private void awaitAnswer(int brokerPort) throws InterruptedException {
    Map<String, Object> client =
        Map.of(
            AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
            options.host() + ":" + brokerPort,
            AdminClientConfig.METRIC_REPORTER_CLASSES_CONFIG,
            "");
    Admin admin = Admin.create(client);
    try {
      admin.describeCluster().nodes().get(ANSWER_WITHIN.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new EmbeddedServerException.Failed(
          "the broker on port %d does not answer".formatted(brokerPort), e);
    } finally {
      // Without a time, or with none, it may wait without bounds.
      admin.close(Duration.ofMillis(100));
    }
  }

  /** On a thread of its own, because Kafka's shutdown waits without bounds in places. */
  private void stop(KafkaNode stopping) {
    FutureTask<Void> stop = new FutureTask<>(stopping::stop, null);
    Thread.ofPlatform().daemon().name("embedded-kafka-stop").start(stop);
    try {
      stop.get(STOP_WITHIN.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      // It has gone through all its steps; what is missing is made good at the next start.
      LOG.warn("The broker in {} did not stop cleanly", directory, e.getCause());
    } catch (TimeoutException e) {
      throw new EmbeddedServerException.Failed(
          "the broker in %s did not stop within %s".formatted(directory, STOP_WITHIN), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddedServerException.Failed("interrupted while the broker stopped", e);
    }
  }
}
