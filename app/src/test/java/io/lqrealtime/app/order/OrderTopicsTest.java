package io.lqrealtime.app.order;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lqrealtime.id.Region;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.topic.TopicNames;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OrderTopicsTest {
  /** What they do where Kafka answers: {@link KafkaPolicyLogTest}. */
  @Test
  void whereKafkaDoesNotAnswer_theFailureSaysWhichOne_andHowLongItWasWaitedFor() throws Exception {
    try (ServerSocket silent = silent()) {
      String address = "127.0.0.1:" + silent.getLocalPort();
      OrderTopics topics =
          new OrderTopics(
              Map.of("bootstrap.servers", address),
              new TopicNames(TopicNames.DEFAULT_PREFIX),
              new Region("local"),
              Duration.ofSeconds(1));

      assertThatThrownBy(() -> topics.readTenants(record -> {}))
          .isInstanceOf(TimeoutException.class)
          .hasMessage(
              "the topic lq.tenants can't be read: Kafka at %s did not answer within 1 s", address);
      assertThatThrownBy(() -> topics.home(new TenantId("acme")))
          .isInstanceOf(TimeoutException.class)
          .hasMessage(
              "the topic lq.inbound can't be described: Kafka at %s did not answer within 1 s",
              address);
    }
  }

  private static ServerSocket silent() throws IOException {
    return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }
}
