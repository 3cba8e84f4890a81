package io.lqrealtime.app.compose;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.app.Lq;
import io.lqrealtime.app.docs.Repository;
import io.lqrealtime.app.docs.SettingsTable;
import io.lqrealtime.app.management.ManagementConfig;
import io.lqrealtime.config.Environment;
import io.lqrealtime.gateway.GatewayConfig;
import io.lqrealtime.presence.redis.RedisConfig;
import io.lqrealtime.router.RouterConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import kafka.server.KafkaConfig;
import org.apache.kafka.server.config.AbstractKafkaConfig;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Holds compose/ to the code, since no Docker engine runs where the project is built: see
 * compose/README.md.
 */
class ComposeTest {
  private final ComposeFile compose = ComposeFile.read();
  private final SettingsTable settings = new SettingsTable();

  @Test
  void imagesOfOthers_arePinnedByATag() {
    for (String name : compose.services().keySet()) {
      assertThat(compose.image(name)).as(name).matches("[a-z/-]+:v?[0-9][A-Za-z0-9.-]*");
    }
  }

  @Test
  void theBroker_isOfTheVersionThatTheClientsAreOf() {
    String version = Repository.read("pom.xml").replaceAll("(?s).*<kafka.version>(.*?)<.*", "$1");

    assertThat(compose.image("kafka")).isEqualTo("apache/kafka:" + version);
  }

  @Test
  void kafka_acceptsItsConfiguration() {
    Map<String, String> properties = new TreeMap<>();
    compose
        .environment("kafka")
        .forEach(
            (key, value) ->
                properties.put(
                    key.replaceFirst("^KAFKA_", "").toLowerCase(Locale.ROOT).replace('_', '.'),
                    value));

    assertThat(AbstractKafkaConfig.CONFIG_DEF.names()).containsAll(properties.keySet());
    KafkaConfig config = new KafkaConfig(properties, false);
    assertThat(config.getInt("node.id")).isEqualTo(1);
    assertThat(config.getBoolean("auto.create.topics.enable")).isFalse();
  }

  @Test
  void thereAreTwoGatewaysAndTwoRouters_andOneServiceThatMakesTheTopics() {
    assertThat(compose.running("gateway")).containsExactly("gateway-1", "gateway-2");
    assertThat(compose.running("router")).containsExactly("router-1", "router-2");
    assertThat(compose.running("topics")).containsExactly("topics");
  }

  @Test
  void everyKeyOfTheEnvironment_isReadByTheRole() {
    for (String role : List.of("gateway", "router")) {
      for (String name : compose.running(role)) {
        for (String key : compose.environment(name).keySet()) {
          assertThat(settings.reads(role, key)).as(key + " of " + name).isTrue();
        }
      }
    }
  }

  @Test
  void gatewaysAndRouters_startWithTheirEnvironment_asFarAsSettingsGo() {
    Set<String> ids = new HashSet<>();
    for (String name : compose.running("gateway")) {
      Environment environment = environment(name);
      GatewayConfig config = GatewayConfig.from(environment);
      assertThat(ids.add(config.id().value())).as("the id of " + name).isTrue();
      assertThat(config.kafka().get("bootstrap.servers")).isEqualTo("kafka:19092");
      assertThat(RedisConfig.from(environment).servers().toString()).contains("redis");
      assertThat(config.port()).isEqualTo(8082);
      assertThat(nofile(name)).isGreaterThan(config.maxConnections() + 1000);
      assertThat(compose.ports(name)).singleElement().asString().endsWith(":" + config.port());
    }
    for (String name : compose.running("router")) {
      RouterConfig config = RouterConfig.from(environment(name));
      assertThat(config.bootstrapServers()).isEqualTo("kafka:19092");
    }
  }

  private Environment environment(String name) {
    return new Environment(ComposeFile.filledIn(compose.environment(name)));
  }

  private int nofile(String name) {
    Map<String, Object> limits = ComposeFile.map(compose.service(name).get("ulimits"));
    return (int) ComposeFile.map(limits.get("nofile")).get("soft");
  }

  @Test
  void secrets_areNowhereInTheFiles_andAreRequired() {
    assertThat(ComposeFile.requiredVariables())
        .containsExactly("LQ_AUTH_HS256_SECRET", "LQ_CONTROL_KEY");
    List<String> given =
        Repository.read("compose/.env.example")
            .lines()
            .filter(line -> !line.startsWith("#") && !line.isBlank())
            .toList();
    assertThat(given).containsExactlyInAnyOrder("LQ_AUTH_HS256_SECRET=", "LQ_CONTROL_KEY=");
    assertThat(compose.environment("router-1")).doesNotContainKey("LQ_AUTH_HS256_SECRET");
  }

  @Test
  void everyCommand_isOneOfLq_andPicocliTakesIt() {
    for (String role : List.of("gateway", "router", "topics")) {
      for (String name : compose.running(role)) {
        List<String> words = compose.command(name);
        Lq.commands(Map.of()).parseArgs(words.toArray(String[]::new));
      }
    }
  }

  @Test
  void topics_haveNoMoreReplicasThanThereAreBrokers() {
    List<String> words = compose.command("topics");

    assertThat(words.get(words.indexOf("--replication-factor") + 1)).isEqualTo("1");
    assertThat(words.get(words.indexOf("--min-insync-replicas") + 1)).isEqualTo("1");
  }

  @Test
  void whatIsDependedOn_isThere_andCanBecomeWhatIsWaitedFor() {
    for (String name : compose.services().keySet()) {
      Object written = compose.service(name).get("depends_on");
      if (written == null) {
        continue;
      }
      ComposeFile.map(written)
          .forEach(
              (needed, how) -> {
                Object condition = ComposeFile.map(how).get("condition");
                switch (String.valueOf(condition)) {
                  case "service_healthy" -> assertThat(hasHealthCheck(needed)).as(needed).isTrue();
                  case "service_completed_successfully" ->
                      assertThat(compose.command(needed)).startsWith("topics", "create");
                  default -> throw new AssertionError(name + " waits for " + condition);
                }
              });
    }
    for (String name : List.of("gateway-1", "gateway-2", "router-1", "router-2")) {
      assertThat(ComposeFile.map(compose.service(name).get("depends_on")))
          .containsOnlyKeys("topics", "kafka", "redis");
    }
  }

  /** Our image brings one of its own. */
  private boolean hasHealthCheck(String name) {
    return compose.service(name).containsKey("healthcheck")
        || compose.image(name).startsWith("lq-realtime:")
            && Repository.read("compose/Dockerfile").contains("\nHEALTHCHECK ");
  }

  @Test
  void noTwoServices_publishTheSamePort() {
    List<String> published = new ArrayList<>();
    for (String name : compose.services().keySet()) {
      for (String port : compose.ports(name)) {
        String[] parts = port.split(":");
        published.add(parts[parts.length - 2]);
      }
    }
    assertThat(published).doesNotHaveDuplicates().contains("8082", "9092");
  }

  @Test
  void prometheus_scrapesEveryGatewayAndRouterAtItsManagementPort() {
    Set<String> expected = new TreeSet<>();
    for (String role : List.of("gateway", "router")) {
      for (String name : compose.running(role)) {
        ManagementConfig management = ManagementConfig.from(environment(name));
        assertThat(management.host()).as(name).isEqualTo("0.0.0.0");
        expected.add(role + " " + name + ":" + management.port());
      }
    }
    Set<String> scraped = new TreeSet<>();
    for (Object job : list(ComposeFile.yaml("compose/prometheus.yml").get("scrape_configs"))) {
      String role = String.valueOf(ComposeFile.map(job).get("job_name"));
      for (Object some : list(ComposeFile.map(job).get("static_configs"))) {
        ComposeFile.strings(ComposeFile.map(some).get("targets"))
            .forEach(target -> scraped.add(role + " " + target));
      }
    }
    assertThat(scraped).isEqualTo(expected);
  }

  private static List<?> list(Object value) {
    assertThat(value).isInstanceOf(List.class);
    return (List<?>) value;
  }

  @Test
  void nginx_knowsEveryGateway_andIsMorePatientThanTheHeartbeat() {
    String nginx = Repository.read("compose/nginx.conf");
    Set<String> servers = new TreeSet<>();
    Pattern.compile("server ([a-z0-9-]+:[0-9]+)")
        .matcher(nginx)
        .results()
        .forEach(found -> servers.add(found.group(1)));
    Set<String> expected = new TreeSet<>();
    int heartbeat = 0;
    for (String name : compose.running("gateway")) {
      GatewayConfig config = GatewayConfig.from(environment(name));
      expected.add(name + ":" + config.port());
      heartbeat = config.heartbeatSeconds();
    }
    assertThat(servers).isEqualTo(expected);
    int patience =
        Integer.parseInt(nginx.replaceAll("(?s).*proxy_read_timeout ([0-9]+)s;.*", "$1"));
    assertThat(patience).isGreaterThan(2 * heartbeat);
    assertThat(nginx.chars().filter(c -> c == '{').count())
        .isEqualTo(nginx.chars().filter(c -> c == '}').count());
    assertThat(compose.ports("nginx")).containsExactly("8080:8080");
    assertThat(nginx).contains("listen 8080 ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"./prometheus.yml", "./nginx.conf"})
  void whatIsMounted_isThere(String mounted) {
    assertThat(Repository.read("compose/docker-compose.yml")).contains("- " + mounted + ":");
    assertThat(Repository.path("compose").resolve(mounted)).isRegularFile();
  }

  @Test
  void dockerCompose_acceptsTheFile() throws IOException, InterruptedException {
    Assumptions.assumeTrue(
        ended("docker", "compose", "version") == 0, "no docker command with the compose plugin");
    Path file = Repository.path("compose/docker-compose.yml");

    assertThat(ended("docker", "compose", "-f", file.toString(), "config", "--quiet")).isZero();
  }

  private static int ended(String... command) throws InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    ComposeFile.requiredVariables()
        .forEach(name -> builder.environment().put(name, "0123456789abcdef0123456789abcdef"));
    try {
      Process process = builder.start();
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return -1;
      }
      return process.exitValue();
    } catch (IOException e) {
      // There is no such command.
      return -1;
    }
  }
}
