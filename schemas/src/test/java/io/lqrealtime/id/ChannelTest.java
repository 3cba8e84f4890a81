package io.lqrealtime.id;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChannelTest {
  @Test
  void companion_isAnotherChannel_andKnowsItsAudience() {
    Channel room = new Channel("room.1");

    assertThat(room.isMembers()).isFalse();
    assertThat(room.audience()).isEqualTo(room);
    assertThat(room.members()).isNotEqualTo(room).hasToString("room.1!members");
    assertThat(room.members().isMembers()).isTrue();
    assertThat(room.members().audience()).isEqualTo(room);
    assertThat(new Channel(room.members().value())).isEqualTo(room.members());
    assertThat(new Channel("x".repeat(200)).members().audience().value()).hasSize(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"room!members", "!members", "a!members!members", "room!", "a!b"})
  void companion_isNoNameForClients(String name) {
    assertThat(Channel.isValid(name)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"!members", "a!members!members", "a b!members", "room!", "a!b"})
  void whatIsNoChannelsCompanion_isNone(String name) {
    assertThatIllegalArgumentException().isThrownBy(() -> new Channel(name));
  }
}
