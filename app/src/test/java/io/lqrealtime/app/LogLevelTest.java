package io.lqrealtime.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogLevelTest {
  @ParameterizedTest
  @ValueSource(strings = {"", " ", "info", "DEBUG", "OFF"})
  void level_isTaken(String level) {
    assertThat(LogLevel.problem(Map.of("LQ_LOG_LEVEL", level))).isEmpty();
  }

  @Test
  void noLevel_isTaken() {
    assertThat(LogLevel.problem(Map.of())).isEmpty();
  }

  @Test
  void anythingElse_isRefusedWithWhatIsAllowed() {
    assertThat(LogLevel.problem(Map.of("LQ_LOG_LEVEL", "blah")))
        .hasValue("LQ_LOG_LEVEL: must be one of TRACE, DEBUG, INFO, WARN, ERROR, OFF, and is blah");
  }
}
