package io.lqrealtime.app.command;

import com.nimbusds.jose.JOSEException;
import io.lqrealtime.app.ListenAddress;
import io.lqrealtime.app.ProcessLifetime;
import io.lqrealtime.app.Roles;
import io.lqrealtime.app.console.Site;
import io.lqrealtime.app.dev.DevSecrets;
import io.lqrealtime.app.dev.FormerRouters;
import io.lqrealtime.app.dev.RedisSupervisor;
import io.lqrealtime.app.management.ManagementServer;
import io.lqrealtime.app.management.Metrics;
import io.lqrealtime.app.token.SigningKey;
import io.lqrealtime.app.token.TokenContent;
import io.lqrealtime.app.topics.TopicAdmin;
import io.lqrealtime.app.topics.TopicPlan;
import io.lqrealtime.config.Environment;
import io.lqrealtime.embedded.EmbeddedKafka;
import io.lqrealtime.embedded.EmbeddedRedis;
import io.lqrealtime.embedded.EmbeddedServerException;
import io.lqrealtime.embedded.KafkaOptions;
import io.lqrealtime.embedded.RedisOptions;
import io.lqrealtime.gateway.Gateway;
import io.lqrealtime.gateway.security.AuthConfig;
import io.lqrealtime.gateway.security.ClaimRules;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import io.lqrealtime.router.Router;
import io.lqrealtime.topic.TopicNames;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Everything in one process: a real Kafka and a real Redis, router, gateway, console page.
 *
 * <p>Standard output gets, once it is ready: {@code ready ws://…}, {@code kafka host:port}, {@code
 * redis host:port}, {@code management host:port}, {@code page http://…} and {@code token …}, a line
 * each.
 */
@Command(
    name = "dev",
    description = "Runs everything in one process: Kafka, Redis, router, gateway, console page.",
    mixinStandardHelpOptions = true)
public final class DevCommand implements Role {
  private static final Logger log = LoggerFactory.getLogger(DevCommand.class);
  private static final String LOOPBACK = "127.0.0.1";
  private static final TenantId TENANT = new TenantId("demo");
  private static final UserId USER = new UserId("demo");
  private static final int PARTITIONS = 4;

  /** The management port is the one above. */
  private static final int MAX_PORT = 65_534;

  @Option(
      names = "--port",
      description =
          "The WebSocket and page port (default: 8082). 0 takes any free port, for every listener.")
  private int port = 8082;

  @Option(
      names = "--data",
      description = "Where data is kept and found again (default: ${DEFAULT-VALUE}).")
  private Path data = DevSecrets.DEFAULT_DIRECTORY;

  @Option(names = "--ephemeral", description = "Keeps nothing: data goes when the process ends.")
  private boolean ephemeral;

  @Spec private CommandSpec spec = CommandSpec.create();

  private final Environment given;

  public DevCommand(Environment environment) {
    this.given = environment;
  }

  @Override
  public Integer call() throws Exception {
    checkOptions();
    checkPorts();
    return ProcessLifetime.run(this::start);
  }

  private void start(ProcessLifetime lifetime)
      throws InterruptedException, TimeoutException, IOException, JOSEException {
    long started = System.nanoTime();
    Path directory = ephemeral ? lifetime.open(Temporary.create()).path() : data;
    DevSecrets secrets = DevSecrets.in(directory).overriddenBy(given.values());
    Metrics metrics = lifetime.open(new Metrics());
    // Opened before the roles, and so closed after them: it tells that they start and drain.
    ManagementServer management =
        lifetime.open(ManagementServer.start(LOOPBACK, managementPort(), metrics));
    // Kafka first: it finds out whether another process has the data.
    EmbeddedKafka kafka = lifetime.open(kafka(directory));
    EmbeddedRedis redis = lifetime.open(redis(directory));
    lifetime.open(RedisSupervisor.start(redis));
    // Not before: a broker that is interrupted at its files would take them for broken.
    lifetime.startInterruptibly();
    log.info("Kafka at {}, {} at {}", kafka.bootstrapServers(), redis.describe(), redis.uri());

    Environment environment = environment(directory, secrets, kafka, redis);
    Map<String, Object> client = Map.of("bootstrap.servers", kafka.bootstrapServers());
    TopicNames topics = new TopicNames(TopicNames.DEFAULT_PREFIX);
    TopicAdmin.create(
        client, new TopicPlan(topics, PARTITIONS, (short) 1, 1, Duration.ofDays(7), -1));
    FormerRouters.forget(client, topics.routerApplicationId());
    Router router = Roles.router(environment, metrics, lifetime);
    ClaimRules rules = AuthConfig.from(environment).claims();
    byte[] tokenSecret = secrets.tokenSecret().getBytes(StandardCharsets.UTF_8);
    Gateway gateway =
        Roles.gateway(
            environment,
            metrics,
            Site.console(Optional.of(() -> tokenAsJson(tokenSecret, rules))),
            lifetime);
    management.watch(() -> notReady(router, gateway));
    awaitReady(router, gateway);
    announce(gateway, kafka, redis, management, token(tokenSecret, rules));
    log.info("Ready after {} ms", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started));
  }

  private void checkOptions() {
    CommandLine command = spec.commandLine();
    if (port < 0 || port > MAX_PORT) {
      throw new CommandLine.ParameterException(
          command, "--port: " + port + " is not from 0 to " + MAX_PORT);
    }
    if (ephemeral && command.getParseResult().hasMatchedOption("--data")) {
      throw new CommandLine.ParameterException(
          command, "--ephemeral keeps nothing: leave --data out");
    }
  }

  /** What others may have taken is told before the broker's start takes its seconds. */
  private void checkPorts() {
    checkPort(port, "clients and the page");
    checkPort(managementPort(), "health and metrics");
  }

  private void checkPort(int wanted, String purpose) {
    if (new ListenAddress("--port", "--port", LOOPBACK, wanted).problem().isPresent()) {
      throw new CommandLine.ParameterException(
          spec.commandLine(),
          "--port: port "
              + wanted
              + ", for "
              + purpose
              + ", is in use by another process: choose another --port, or 0 for any free one");
    }
  }

  private int managementPort() {
    return port == 0 ? 0 : port + 1;
  }

  private EmbeddedKafka kafka(Path directory) {
    KafkaOptions options = KafkaOptions.in(directory.resolve("kafka")).withHost(LOOPBACK);
    return onPort(9092, wanted -> EmbeddedKafka.start(options.withPort(wanted)));
  }

  private EmbeddedRedis redis(Path directory) {
    RedisOptions options = RedisOptions.in(directory.resolve("redis"));
    return onPort(6379, wanted -> EmbeddedRedis.start(options.withPort(wanted)));
  }

  /** Starts a server on its usual port, or on any free one where that is taken or not wanted. */
  private <T> T onPort(int usual, java.util.function.IntFunction<T> start) {
    if (port == 0) {
      return start.apply(0);
    }
    try {
      return start.apply(usual);
    } catch (EmbeddedServerException.PortInUse e) {
      log.info("Port {} is taken: any free one instead", usual);
      return start.apply(0);
    }
  }

  private Environment environment(
      Path directory, DevSecrets secrets, EmbeddedKafka kafka, EmbeddedRedis redis) {
    // What is set from outside still counts (limits, heartbeats), but for where the parts are.
    Map<String, String> values = new HashMap<>(given.values());
    values.putIfAbsent("LQ_GATEWAY_ID", "dev");
    values.putIfAbsent("LQ_DRAIN_TIME", "1s");
    values.put("LQ_KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers());
    values.remove("LQ_REDIS_URI");
    // What is printed is ws:// and http://, on the loopback.
    values.keySet().removeIf(key -> key.startsWith("LQ_TLS_"));
    values.put("REDIS_HOST", redis.host());
    values.put("REDIS_PORT", Integer.toString(redis.port()));
    values.put("LQ_AUTH_HS256_SECRET", secrets.tokenSecret());
    values.put("LQ_CONTROL_KEY", secrets.controlKey());
    values.put("LQ_CONSOLE", "true");
    values.put("WS_HOST", LOOPBACK);
    values.put("WS_PORT", Integer.toString(port));
    values.put("LQ_ROUTER_STATE_DIR", directory.resolve("router").toAbsolutePath().toString());
    values.put("LQ_ROUTER_STANDBYS", "0");
    return new Environment(values);
  }

  private static List<String> notReady(Router router, Gateway gateway) {
    List<String> reasons = new ArrayList<>(Roles.notReady(router));
    reasons.addAll(Roles.notReady(gateway));
    return reasons;
  }

  private static void awaitReady(Router router, Gateway gateway)
      throws InterruptedException, TimeoutException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    List<String> reasons = notReady(router, gateway);
    while (!reasons.isEmpty()) {
      if (System.nanoTime() > deadline) {
        throw new TimeoutException(String.join(", ", reasons));
      }
      TimeUnit.MILLISECONDS.sleep(20);
      reasons = notReady(router, gateway);
    }
  }

  private void announce(
      Gateway gateway,
      EmbeddedKafka kafka,
      EmbeddedRedis redis,
      ManagementServer management,
      String token) {
    PrintWriter out = spec.commandLine().getOut();
    int wsPort = gateway.address().getPort();
    out.println("ready ws://localhost:" + wsPort + "/ws");
    out.println("page http://localhost:" + wsPort + "/");
    out.println("kafka " + kafka.bootstrapServers());
    out.println("redis " + redis.host() + ":" + redis.port());
    out.println("management " + LOOPBACK + ":" + management.address().getPort());
    out.println("token " + token);
    out.flush();
  }

  /** What the environment asks of tokens, this one has. */
  private static String token(byte[] secret, ClaimRules rules) {
    try {
      return SigningKey.ofSecret(secret)
          .sign(
              new TokenContent(
                  TENANT,
                  USER,
                  Instant.now().plus(Duration.ofHours(24)),
                  Map.of(),
                  rules.issuers().stream().findFirst(),
                  rules.audiences().stream().limit(1).toList()));
    } catch (JOSEException e) {
      throw new IllegalStateException("no token could be signed", e);
    }
  }

  private static String tokenAsJson(byte[] secret, ClaimRules rules) {
    return "{\"token\":\""
        + token(secret, rules)
        + "\",\"tenant\":\""
        + TENANT
        + "\",\"user\":\""
        + USER
        + "\"}";
  }

  /** A directory that goes with the process. */
  private record Temporary(Path path) implements AutoCloseable {
    static Temporary create() throws IOException {
      return new Temporary(Files.createTempDirectory("lq-dev-"));
    }

    @Override
    public void close() throws IOException {
      try (Stream<Path> files = Files.walk(path)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }
}
