package io.lqrealtime.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.Region;
import org.apache.kafka.common.internals.Topic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicNamesTest {
  @Test
  void names_defaultPrefix_areTheContracts() {
    TopicNames names = new TopicNames(TopicNames.DEFAULT_PREFIX);

    assertThat(names.inbound()).isEqualTo("lq.inbound");
    assertThat(names.index()).isEqualTo("lq.index");
    assertThat(names.deadLetter()).isEqualTo("lq.dead-letter");
    assertThat(names.gateway(new GatewayId("gw-0"))).isEqualTo("lq.gateway.gw-0");
    assertThat(names.gatewayPrefix()).isEqualTo("lq.gateway.");
    assertThat(names.mirroredInbound(new Region("eu"))).isEqualTo("eu.lq.inbound");
    assertThat(names.routerApplicationId()).isEqualTo("lq.router");
  }

  @Test
  void names_longestParts_areStillTopicNames() {
    TopicNames names = new TopicNames("p".repeat(60));

    Topic.validate(names.gateway(new GatewayId("g".repeat(GatewayId.MAX_LENGTH))));
    Topic.validate(names.mirroredInbound(new Region("r".repeat(Region.MAX_LENGTH))));
    Topic.validate(names.deadLetter());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "lq/x", "é", "lq\n"})
  void constructor_noPartOfATopicName_isRefused(String prefix) {
    assertThatIllegalArgumentException().isThrownBy(() -> new TopicNames(prefix));
    assertThatIllegalArgumentException().isThrownBy(() -> new TopicNames("p".repeat(61)));
  }
}
