package io.lqrealtime.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LogSettingsTest {
  @BeforeEach
  @AfterEach
  void forget() {
    System.clearProperty("lq.log.level");
    System.clearProperty("lq.log.format");
  }

  @ParameterizedTest
  @CsvSource({"LQ_LOG_LEVEL,info,lq.log.level", "LQ_LOG_LEVEL,DEBUG,lq.log.level"})
  @CsvSource({"LQ_LOG_FORMAT,text,lq.log.format", "LQ_LOG_FORMAT,JSON,lq.log.format"})
  void setting_isTaken(String key, String value, String property) {
    assertThat(LogSettings.use(Map.of(key, value))).isEmpty();
    assertThat(System.getProperty(property)).isEqualToIgnoringCase(value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " "})
  void nothing_isTheDefault(String blank) {
    assertThat(LogSettings.use(Map.of("LQ_LOG_LEVEL", blank, "LQ_LOG_FORMAT", blank))).isEmpty();
    assertThat(LogSettings.use(Map.of())).isEmpty();
    assertThat(System.getProperty("lq.log.level")).isNull();
    assertThat(System.getProperty("lq.log.format")).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "LQ_LOG_LEVEL|blah|TRACE, DEBUG, INFO, WARN, ERROR, OFF",
        "LQ_LOG_FORMAT|xml|text, json"
      })
  void anythingElse_isRefusedWithWhatIsAllowed(String key, String value, String allowed) {
    assertThat(LogSettings.use(Map.of(key, value)))
        .hasValue(key + ": must be one of " + allowed + ", and is " + value);
  }
}
