package io.lqrealtime.presence.redis;

import static io.lqrealtime.presence.Eventually.assertUnavailableWithin;
import static io.lqrealtime.presence.Eventually.eventually;
import static io.lqrealtime.presence.Eventually.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import io.lqrealtime.config.Environment;
import io.lqrealtime.embedded.EmbeddedRedis;
import io.lqrealtime.embedded.EmbeddedServerException;
import io.lqrealtime.embedded.RedisOptions;
import io.lqrealtime.embedded.SelfSignedCertificate;
import io.lqrealtime.presence.GatewayLeases;
import io.lqrealtime.presence.PresenceContract;
import io.lqrealtime.presence.PresenceDirectory;
import io.lqrealtime.presence.PresenceMaintenance;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The contract over TLS, as a user who may do only what docs/OPERATIONS.md says. Skipped where the
 * redis-server was built without TLS.
 */
final class RedisSecurityTest extends PresenceContract {
  private static final String TRUST_STORE = "javax.net.ssl.trustStore";
  @TempDir private static Path directory;
  private static EmbeddedRedis redis;
  private static int tlsPort;
  private static RedisClient adminClient;
  private static RedisCommands<String, String> admin;
  private static RedisPresence presence;

  @BeforeAll
  static void start() throws Exception {
    SelfSignedCertificate certificate = SelfSignedCertificate.make(directory, "redis");
    try {
      redis = startServer(certificate);
    } catch (EmbeddedServerException.Failed e) {
      String said = String.valueOf(e.getMessage());
      Assumptions.assumeFalse(
          said.contains("Bad directive") || said.contains("TLS is not supported"),
          () -> "this redis-server was built without TLS: " + said);
      throw e;
    }
    // What the JDK trusts is read anew for each TLS client.
    System.setProperty(TRUST_STORE, directory.resolve("redis.p12").toString());
    System.setProperty("javax.net.ssl.trustStorePassword", "password");
    adminClient = RedisClient.create(RedisURI.create(redis.host(), redis.port()));
    admin = adminClient.connect().sync();
    DocumentedUser.make(admin, false);
    presence =
        RedisPresence.start(
            RedisConfig.from(
                new Environment(
                    Map.of(
                        "LQ_REDIS_URI",
                        uri(DocumentedUser.PASSWORD),
                        "LQ_REDIS_COMMAND_TIMEOUT",
                        PATIENCE.toSeconds() + "s"))),
            new SimpleMeterRegistry(),
            SNAPSHOT_TIMEOUT);
    eventually(() -> get(presence.leases().observe()));
    eventually(() -> get(presence.maintenance().owners()));
  }

  private static EmbeddedRedis startServer(SelfSignedCertificate certificate) throws IOException {
    while (true) {
      tlsPort = freePort();
      try {
        return EmbeddedRedis.start(
            RedisOptions.ephemeral()
                .withArguments("--tls-port", Integer.toString(tlsPort))
                .withArguments("--tls-cert-file", certificate.certificateFile().toString())
                .withArguments("--tls-key-file", certificate.keyFile().toString())
                .withArguments("--tls-ca-cert-file", certificate.certificateFile().toString())
                .withArguments("--tls-auth-clients", "no"));
      } catch (EmbeddedServerException.PortInUse e) {
        // Somebody was faster; another one is free.
      }
    }
  }

  private static String uri(String password) {
    return "rediss://" + DocumentedUser.NAME + ":" + password + "@127.0.0.1:" + tlsPort;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** The server counts the calls of each command; the contract has made the service call all. */
  private static void assertNoneIsTooMuch() throws IOException {
    String calls = admin.info("commandstats");
    for (String command : DocumentedUser.commands()) {
      assertThat(calls).as("%s is called", command).contains("cmdstat_" + command + ":");
    }
  }

  @AfterAll
  static void stop() throws IOException {
    System.clearProperty(TRUST_STORE);
    System.clearProperty("javax.net.ssl.trustStorePassword");
    if (presence != null) {
      assertNoneIsTooMuch();
      presence.close();
    }
    if (adminClient != null) {
      adminClient.shutdown();
    }
    if (redis != null) {
      redis.close();
    }
  }

  @BeforeEach
  void empty() {
    beginEmpty();
  }

  @Override
  protected PresenceDirectory directory() {
    return presence.directory();
  }

  @Override
  protected PresenceMaintenance maintenance() {
    return presence.maintenance();
  }

  @Override
  protected GatewayLeases leases() {
    return presence.leases();
  }

  @Override
  protected void flush() {
    admin.flushall();
  }

  @Override
  protected void elapse(Duration time) {
    long end = storeMillis() + time.toMillis();
    eventually(() -> assertThat(storeMillis()).isGreaterThan(end));
  }

  @Override
  protected long storeMillis() {
    List<String> time = admin.time();
    return Long.parseLong(time.get(0)) * 1_000 + Long.parseLong(time.get(1)) / 1_000;
  }

  @Test
  void user_mayDoNothingElse() {
    RedisClient client = RedisClient.create(uri(DocumentedUser.PASSWORD));
    try {
      RedisCommands<String, String> user = client.connect().sync();
      assertThatThrownBy(() -> user.set("other", "1"))
          .isInstanceOf(RedisCommandExecutionException.class)
          .hasMessageContaining("NOPERM");
      for (Runnable denied :
          List.<Runnable>of(
              user::flushall, () -> user.keys("*"), () -> user.configGet("*"), user::aclList)) {
        assertThatThrownBy(denied::run).hasMessageContaining("NOPERM");
      }
    } finally {
      client.shutdown();
    }
  }

  @Test
  void wrongPassword_isUnavailable() {
    try (RedisPresence refused =
        RedisPresence.start(
            RedisConfig.from(new Environment(Map.of("LQ_REDIS_URI", uri("wrong")))),
            new SimpleMeterRegistry())) {
      assertUnavailableWithin(Duration.ofSeconds(20), refused.leases().observe());
    }
  }
}
