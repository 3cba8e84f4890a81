package io.lqrealtime.bench.faults.cluster;

import io.lqrealtime.bench.faults.client.Endpoint;
import io.lqrealtime.bench.load.Tokens;
import io.lqrealtime.bench.probe.ManagementPage;
import io.lqrealtime.embedded.EmbeddedRedis;
import io.lqrealtime.embedded.EmbeddedServerException;
import io.lqrealtime.embedded.RedisOptions;
import io.lqrealtime.record.FormatVersion;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One broker, one Redis, two gateways and two routers, each a process of its own: topics and
 * environment are those of production, but for one replica, small heaps, and limits that a test
 * reaches. Half of the ways to a gateway lead through a proxy.
 *
 * <p>Nothing outlives {@link #close}, nor this process, however it ends. Data and logs lie in the
 * directory, which is the caller's.
 */
public final class FaultCluster implements AutoCloseable {
  /**
   * Bytes that wait in a proxy for a client that does not read, and as many in its own kernel. What
   * fits in between is not missed by anybody: with the kernel's megabytes a gateway would not find
   * out that the client is slow.
   */
  public static final int RECEIVE_BUFFER = 16 << 10;

  public static final int GATEWAYS = 2;
  public static final int ROUTERS = 2;

  /**
   * More is {@code too_large}; far below the largest frame, so that it is an answer, not a close.
   */
  private static final String MAX_PAYLOAD_BYTES = "4096";

  private static final Logger LOG = LoggerFactory.getLogger(FaultCluster.class);
  private static final String LQ = "io.lqrealtime.app.Lq";
  private static final String PARTITIONS = "4";
  private static final String TOKEN_SECRET = "the-secret-that-tokens-of-this-run-are-signed-with";
  private static final String CONTROL_KEY =
      "the-key-that-control-records-of-this-run-are-signed-with";
  private static final int ROLE_HEAP = 256;
  private static final int BROKER_HEAP = 384;
  private static final long START_WITHIN_MILLIS = 240_000;
  private static final int ADMIN_SECONDS = 8;

  private static final HttpClient HTTP =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();

  private record GatewayPorts(int ws, int management) {}

  private final Path directory;
  private final int brokerPort;
  private final EmbeddedRedis redis;
  private final Node broker;
  private final List<Node> gateways = new ArrayList<>();
  private final List<Node> routers = new ArrayList<>();
  private final List<Endpoint> endpoints = new ArrayList<>();
  private final List<ManagementPage> gatewayPages = new ArrayList<>();
  private final List<TcpProxy> proxies = new ArrayList<>();
  private boolean redisPaused;
  private volatile FormatVersion formatVersion = FormatVersion.FIRST;

  private FaultCluster(Path directory) throws IOException {
    this.directory = directory;
    this.brokerPort = Ports.free();
    this.redis = EmbeddedRedis.start(RedisOptions.ephemeral());
    this.broker =
        new Node(
            "broker",
            () ->
                ChildProcess.java(
                    directory,
                    "broker",
                    BROKER_HEAP,
                    Map.of(),
                    BrokerMain.class.getName(),
                    directory.resolve("kafka").toString(),
                    Integer.toString(brokerPort)),
            () -> accepts(brokerPort));
    for (int i = 1; i <= ROUTERS; i++) {
      int management = Ports.free();
      Map<String, String> environment = environment(management);
      environment.put("LQ_ROUTER_SESSION_TIMEOUT", "3s");
      routers.add(role("router-" + i, "router", environment, management));
    }
    for (int i = 1; i <= GATEWAYS; i++) {
      String id = "gateway-" + i;
      GatewayPorts ports = new GatewayPorts(Ports.free(), Ports.free());
      gateways.add(role(id, "gateway", gatewayEnvironment(id, ports), ports.management));
      gatewayPages.add(new ManagementPage(id, "127.0.0.1:" + ports.management));
      TcpProxy proxy = TcpProxy.to(ports.ws);
      proxies.add(proxy);
      endpoints.add(new Endpoint(id, webSocket(ports.ws)));
      endpoints.add(new Endpoint(id, webSocket(proxy.port())));
    }
  }

  private static URI webSocket(int port) {
    return URI.create("ws://127.0.0.1:" + port + "/ws");
  }

  /** Starts everything, and returns when all is ready. */
  public static FaultCluster start(Path directory) throws IOException, InterruptedException {
    FaultCluster cluster = new FaultCluster(directory);
    try {
      cluster.broker.start();
      if (!cluster.awaitReady(START_WITHIN_MILLIS, List.of(cluster.broker))) {
        throw new IOException("the broker does not start: see " + directory);
      }
      cluster.createTopics();
      for (Node node : cluster.roles()) {
        node.start();
      }
      if (!cluster.awaitReady(START_WITHIN_MILLIS)) {
        throw new IOException("not ready: " + cluster.notReady() + "; see " + directory);
      }
      return cluster;
    } catch (IOException | InterruptedException | RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  /** The broker takes connections before it answers: on a slow machine the command may give up. */
  private void createTopics() throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(START_WITHIN_MILLIS);
    while (!areTopicsCreated()) {
      if (System.nanoTime() - end > 0) {
        throw new IOException("the topics can't be created: see " + directory);
      }
    }
  }

  private boolean areTopicsCreated() throws IOException, InterruptedException {
    ChildProcess topics =
        ChildProcess.java(
            directory,
            "topics",
            ROLE_HEAP,
            Map.of("LQ_KAFKA_BOOTSTRAP_SERVERS", bootstrapServers()),
            LQ,
            "topics",
            "create",
            "--partitions",
            PARTITIONS,
            "--replication-factor",
            "1",
            "--min-insync-replicas",
            "1");
    if (!topics.awaitExit(START_WITHIN_MILLIS)) {
      topics.kill();
    }
    return topics.exitValue() == 0;
  }

  private Node role(String name, String role, Map<String, String> environment, int management) {
    return new Node(
        name,
        () -> ChildProcess.java(directory, name, ROLE_HEAP, versioned(environment), LQ, role),
        () -> isHealthy(management));
  }

  private Map<String, String> versioned(Map<String, String> environment) {
    Map<String, String> versioned = new HashMap<>(environment);
    versioned.put("LQ_FORMAT_VERSION", Integer.toString(formatVersion.number()));
    return versioned;
  }

  private String bootstrapServers() {
    return "127.0.0.1:" + brokerPort;
  }

  private Map<String, String> environment(int management) {
    Map<String, String> environment = new HashMap<>();
    environment.put("LQ_KAFKA_BOOTSTRAP_SERVERS", bootstrapServers());
    environment.put("REDIS_HOST", redis.host());
    environment.put("REDIS_PORT", Integer.toString(redis.port()));
    environment.put("LQ_CONTROL_KEY", CONTROL_KEY);
    environment.put("LQ_MAX_PAYLOAD_BYTES", MAX_PAYLOAD_BYTES);
    environment.put("LQ_MANAGEMENT_PORT", Integer.toString(management));
    return environment;
  }

  private Map<String, String> gatewayEnvironment(String id, GatewayPorts ports) {
    Map<String, String> environment = environment(ports.management);
    environment.put("LQ_AUTH_HS256_SECRET", TOKEN_SECRET);
    environment.put("LQ_GATEWAY_ID", id);
    environment.put("WS_HOST", "127.0.0.1");
    environment.put("WS_PORT", Integer.toString(ports.ws));
    environment.put("LQ_DRAIN_TIME", "3s");
    // Several of them in the time of a fault, so that who reads slowly is judged.
    environment.put("WS_HEARTBEAT_SECONDS", "3");
    return environment;
  }

  private static boolean accepts(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean isHealthy(int management) throws InterruptedException {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + management + "/health/ready"))
              .timeout(Duration.ofSeconds(3))
              .build();
      return HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  // ---- what is there ----

  public Tokens tokens() {
    return new Tokens.Minted(TOKEN_SECRET, Duration.ofHours(12), "");
  }

  public List<Endpoint> endpoints() {
    return List.copyOf(endpoints);
  }

  /** Where the gateways' metrics are. */
  public List<ManagementPage> gatewayPages() {
    return List.copyOf(gatewayPages);
  }

  public Node broker() {
    return broker;
  }

  public Node gateway(int index) {
    return gateways.get(index);
  }

  public Node router(int index) {
    return routers.get(index);
  }

  /** Routers and gateways, in the order in which they are started. */
  public List<Node> roles() {
    return Stream.concat(routers.stream(), gateways.stream()).toList();
  }

  private List<Node> all() {
    return Stream.concat(Stream.of(broker), roles().stream()).toList();
  }

  /** Whether all are ready within the time. */
  public boolean awaitReady(long withinMillis) throws InterruptedException {
    return awaitReady(withinMillis, all());
  }

  public boolean awaitReady(long withinMillis, List<Node> nodes) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(withinMillis);
    for (Node node : nodes) {
      while (!node.isReady()) {
        if (System.nanoTime() - end > 0) {
          return false;
        }
        TimeUnit.MILLISECONDS.sleep(100);
      }
    }
    return true;
  }

  public List<String> notReady() throws InterruptedException {
    List<String> names = new ArrayList<>();
    for (Node node : all()) {
      if (!node.isReady()) {
        names.add(node.name() + (node.isAlive() ? "" : " (ended)"));
      }
    }
    return names;
  }

  /**
   * Wakes what is paused and starts what does not run; does not wait. Names what had ended without
   * being told to, which the caller knows best.
   */
  public synchronized List<String> heal() throws IOException, InterruptedException {
    List<String> started = new ArrayList<>();
    resumeRedis();
    redis.start();
    for (Node node : all()) {
      node.resume();
      String ended = node.exitCode().isPresent() ? " after exit " + node.exitCode().getAsInt() : "";
      if (node.start()) {
        started.add(node.name() + ended);
      }
    }
    proxies.forEach(TcpProxy::release);
    return started;
  }

  // ---- what nodes alone can't ----

  public synchronized void killRedis() {
    redis.kill();
    redisPaused = false;
  }

  /** Back, and empty. */
  public synchronized void startRedis() {
    redis.start();
  }

  public synchronized void pauseRedis() {
    if (redis.isRunning()) {
      redis.pause();
      redisPaused = true;
    }
  }

  public synchronized void resumeRedis() {
    if (redisPaused) {
      redisPaused = false;
      redis.resume();
    }
  }

  /** FLUSHALL; whether it was taken. */
  public boolean flushRedis() {
    try (Socket socket = new Socket(redis.host(), redis.port())) {
      socket.setSoTimeout(2_000);
      OutputStream out = socket.getOutputStream();
      out.write("FLUSHALL\r\n".getBytes(StandardCharsets.US_ASCII));
      return socket.getInputStream().read() == '+';
    } catch (IOException e) {
      return false;
    }
  }

  /** Deletes the gateway's topic; whether the broker did. */
  public boolean deleteTopicOf(int gateway) throws InterruptedException {
    Map<String, Object> client =
        Map.of(
            AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrapServers(),
            AdminClientConfig.METRIC_REPORTER_CLASSES_CONFIG,
            "");
    Admin admin = Admin.create(client);
    try {
      admin
          .deleteTopics(List.of("lq.gateway." + gateways.get(gateway).name()))
          .all()
          .get(ADMIN_SECONDS, TimeUnit.SECONDS);
      return true;
    } catch (ExecutionException | TimeoutException e) {
      return false;
    } finally {
      // Without a time, or with none, it may wait without bounds.
      admin.close(Duration.ofMillis(100));
    }
  }

  /**
   * What is started from now on writes the other format version: a rolling upgrade where every role
   * is started again, and the next time the way back. Which it is.
   */
  public int changeFormatVersion() {
    formatVersion =
        formatVersion.equals(FormatVersion.FIRST) ? FormatVersion.REHEARSAL : FormatVersion.FIRST;
    return formatVersion.number();
  }

  /** A second process under a gateway's id, on ports of its own; the caller kills it. */
  public Node twinOf(int gateway) throws IOException {
    String id = gateways.get(gateway).name();
    GatewayPorts ports = new GatewayPorts(Ports.free(), Ports.free());
    Node twin = role(id + "-twin", "gateway", gatewayEnvironment(id, ports), ports.management);
    twin.start();
    return twin;
  }

  /** How many connections have lost their other side without knowing. */
  public int forgetConnectionsOf(int gateway) {
    return proxies.get(gateway).forget();
  }

  public void releaseConnectionsOf(int gateway) {
    proxies.get(gateway).release();
  }

  /** Ends all of it, at once. */
  @Override
  public void close() {
    roles().forEach(FaultCluster::end);
    end(broker);
    try {
      redis.close();
      for (TcpProxy proxy : proxies) {
        proxy.close();
      }
    } catch (IOException | EmbeddedServerException e) {
      LOG.warn("Not all has ended: it will with this process", e);
    }
  }

  private static void end(Node node) {
    try {
      node.kill();
    } catch (InterruptedException e) {
      // It has been sent the signal, and is not waited for.
      Thread.currentThread().interrupt();
    }
  }
}
