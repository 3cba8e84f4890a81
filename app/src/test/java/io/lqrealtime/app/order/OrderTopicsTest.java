package io.lqrealtime.app.order;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lqrealtime.app.order.OrderTopics.Home;
import io.lqrealtime.id.Region;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.topic.TopicNames;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OrderTopicsTest {
  private static final int ASKED_AT_ONCE = 40;

  /** What they do where Kafka answers: {@link KafkaPolicyLogTest}. */
  @Test
  void whereKafkaDoesNotAnswer_theFailureSaysWhichOne_andHowLongItWasWaitedFor() throws Exception {
    try (ServerSocket silent = silent()) {
      String address = "127.0.0.1:" + silent.getLocalPort();
      OrderTopics topics = topics(address);

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

  /** Kafka's client, left to close by itself, hung in two of three runs of half as many. */
  @Test
  void whereKafkaDoesNotAnswer_nobodyThatAsksHangs() throws Exception {
    try (ServerSocket silent = silent();
        ExecutorService asking = Executors.newFixedThreadPool(ASKED_AT_ONCE)) {
      OrderTopics topics = topics("127.0.0.1:" + silent.getLocalPort());

      Callable<Home> question = () -> topics.home(new TenantId("acme"));
      for (Future<Home> asked : asking.invokeAll(Collections.nCopies(ASKED_AT_ONCE, question))) {
        assertThatThrownBy(asked::get).hasCauseInstanceOf(TimeoutException.class);
      }
    }
  }

  private static OrderTopics topics(String address) {
    return new OrderTopics(
        Map.of("bootstrap.servers", address),
        new TopicNames(TopicNames.DEFAULT_PREFIX),
        new Region("local"),
        Duration.ofSeconds(1));
  }

  private static ServerSocket silent() throws IOException {
    return new ServerSocket(0, 2 * ASKED_AT_ONCE, InetAddress.getLoopbackAddress());
  }
}
