package io.lqrealtime.gateway.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameLimitsTest {

  @Test
  void defaults_areTheDocumentedOnes() {
    assertThat(FrameLimits.defaults()).isEqualTo(new FrameLimits(65_536, 1024));
  }

  @Test
  void with_changesOneLimit() {
    assertThat(FrameLimits.defaults().withMaxMessageBytes(7)).isEqualTo(new FrameLimits(7, 1024));
    assertThat(FrameLimits.defaults().withMaxFragmentsPerMessage(7))
        .isEqualTo(new FrameLimits(65_536, 7));
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, (1 << 30) + 1, Integer.MAX_VALUE})
  void maxMessageBytes_outOfRange_isRefusedByName(int value) {
    assertThatThrownBy(() -> new FrameLimits(value, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maxMessageBytes must be from 1 to 1073741824, and is " + value);
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0})
  void maxFragmentsPerMessage_outOfRange_isRefusedByName(int value) {
    assertThatThrownBy(() -> new FrameLimits(1, value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maxFragmentsPerMessage must be at least 1, and is " + value);
  }
}
