package io.lqrealtime.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lqrealtime.config.ConfigurationException;
import io.lqrealtime.config.Environment;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GatewayConfigTest {
  @ParameterizedTest
  @ValueSource(strings = {"https://app.example.com", "http://localhost:8082", "null"})
  void origin_isTaken(String origin) {
    assertThat(with(origin).allowedOrigins()).containsExactly(origin);
  }

  @ParameterizedTest
  @ValueSource(strings = {"not an origin", "app.example.com", "https://app.example.com/path", "*"})
  void textThatIsNoOrigin_namesTheKey(String origin) {
    assertThatThrownBy(() -> with(origin))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("LQ_ALLOWED_ORIGINS");
  }

  private static GatewayConfig with(String origin) {
    return GatewayConfig.from(
        new Environment(
            Map.of(
                "LQ_AUTH_HS256_SECRET", "x".repeat(32),
                "LQ_CONTROL_KEY", "y".repeat(32),
                "LQ_ALLOWED_ORIGINS", origin)));
  }
}
