package io.lqrealtime.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lqrealtime.config.ConfigurationException;
import io.lqrealtime.config.Environment;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
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

  @Test
  void budgetInWhichNoLargeMessageFits_namesTheKey() {
    assertThatThrownBy(() -> withBudget(4 * (1 << 20) - 1))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("LQ_INBOUND_BUDGET_BYTES");

    assertThat(withBudget(4 << 20).inboundBudgetBytes()).isEqualTo(4 << 20);
  }

  private static GatewayConfig withBudget(int bytes) {
    return with(
        Map.of(
            "LQ_INBOUND_BUDGET_BYTES", "" + bytes,
            "WS_IO_THREADS", "2",
            "WS_MAX_FRAME_BYTES", "" + (1 << 20)));
  }

  private static GatewayConfig with(String origin) {
    return with(Map.of("LQ_ALLOWED_ORIGINS", origin));
  }

  private static GatewayConfig with(Map<String, String> settings) {
    Map<String, String> environment = new HashMap<>(settings);
    environment.put("LQ_AUTH_HS256_SECRET", "x".repeat(32));
    environment.put("LQ_CONTROL_KEY", "y".repeat(32));
    return GatewayConfig.from(new Environment(environment));
  }
}
