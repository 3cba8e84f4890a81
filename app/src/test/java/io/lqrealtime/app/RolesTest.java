package io.lqrealtime.app;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lqrealtime.app.console.Site;
import io.lqrealtime.app.management.Metrics;
import io.lqrealtime.config.ConfigurationException;
import io.lqrealtime.config.Environment;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A role that can't be as it is told to is refused before it asks for Kafka, which is away here.
 */
class RolesTest {
  private static Map<String, String> environment() {
    Map<String, String> values = new HashMap<>();
    values.put("LQ_AUTH_HS256_SECRET", "a-secret-of-more-than-32-bytes-for-tests");
    values.put("LQ_CONTROL_KEY", "a-key-of-more-than-32-bytes-for-the-tests");
    values.put("LQ_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1");
    values.put("LQ_START_TIMEOUT", "1s");
    values.put("WS_HOST", "127.0.0.1");
    values.put("LQ_ROUTER_TOPIC_WAIT", "0s");
    values.put("WS_PORT", "0");
    return values;
  }

  private static void startGateway(String key, String value) throws InterruptedException {
    Map<String, String> values = environment();
    values.put(key, value);
    try (Metrics metrics = new Metrics();
        ProcessLifetime lifetime = new ProcessLifetime()) {
      Roles.gateway(new Environment(values), metrics, Site.plain(), lifetime);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "WS_HOST, 999.1.1.1, WS_HOST: 999.1.1.1 is no address",
    "LQ_AUTH_JWKS, /nowhere/jwks.json, LQ_AUTH_JWKS: no keys can be had of the file /nowhere/jwks",
    "LQ_AUTH_JWKS, http://example.com/jwks, LQ_AUTH_JWKS: http: is for loopback hosts only",
    "LQ_KAFKA_ACKS, 0, LQ_KAFKA_ACKS: can't be set",
    "LQ_KAFKA_BOOTSTRAP_SERVERS, nonsense, LQ_KAFKA_BOOTSTRAP_SERVERS: must be host:port",
  })
  void wrongSetting_isNamed(String key, String value, String message) {
    assertThatThrownBy(() -> startGateway(key, value))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void portThatIsTaken_isNamed() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(() -> startGateway("WS_PORT", Integer.toString(taken.getLocalPort())))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageStartingWith("WS_PORT: port " + taken.getLocalPort() + " of 127.0.0.1");
    }
  }

  @Test
  void keysAway_areNamedWithTheirAddress() {
    assertThatThrownBy(() -> startGateway("LQ_AUTH_JWKS", "http://127.0.0.1:1/jwks"))
        .hasMessageStartingWith(
            "LQ_AUTH_JWKS: no keys came from http://127.0.0.1:1/jwks within 1 s: ");
  }

  @Test
  void kafkaAway_isNamedWithItsAddress() {
    assertThatThrownBy(() -> startGateway("LQ_REGION", "local"))
        .hasMessage("Kafka at 127.0.0.1:1 did not answer within 1 s");
    try (Metrics metrics = new Metrics();
        ProcessLifetime lifetime = new ProcessLifetime()) {
      assertThatThrownBy(() -> Roles.router(new Environment(environment()), metrics, lifetime))
          .hasMessage("Kafka at 127.0.0.1:1 does not answer (LQ_KAFKA_BOOTSTRAP_SERVERS)");
    }
  }
}
