package io.lqrealtime.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class RoleSettingsTest {
  @Test
  void keysThatBeginLikeASetting_andAreNone_areUnknown() {
    assertThat(
            RoleSettings.unknown(
                Set.of(
                    "WS_MAX_SUBSCRIPTION",
                    "LQ_MAX_CONECTIONS",
                    "LQ_AUTH_HS256_SECRETS",
                    "PATH",
                    "REDIS_SERVICE_HOST")))
        .containsExactly("LQ_AUTH_HS256_SECRETS", "LQ_MAX_CONECTIONS", "WS_MAX_SUBSCRIPTION");
  }

  @Test
  void keysOfAnyRole_andOfScripts_areKnown() {
    assertThat(
            RoleSettings.unknown(
                Set.of(
                    "WS_PORT",
                    "LQ_ROUTER_THREADS",
                    "LQ_AUTH_JWKS",
                    "LQ_KAFKA_SECURITY_PROTOCOL",
                    "LQ_REDIS_URI",
                    "LQ_MANAGEMENT_PORT",
                    "LQ_ORDER_KEY",
                    "LQ_LOG_FORMAT",
                    "LQ_JAVA_OPTS",
                    "LQ_TOKEN")))
        .isEmpty();
  }
}
