package io.lqrealtime.bench.faults.cluster;

import io.lqrealtime.embedded.EmbeddedKafka;
import io.lqrealtime.embedded.KafkaOptions;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * A broker as a process of its own, so that it can be killed: data directory and port are its
 * arguments. SIGTERM ends it in order.
 */
public final class BrokerMain {
  private BrokerMain() {}

  /** Runs until it is told to end. */
  public static void main(String[] arguments) throws InterruptedException {
    EmbeddedKafka kafka =
        EmbeddedKafka.start(
            KafkaOptions.in(Path.of(arguments[0])).withPort(Integer.parseInt(arguments[1])));
    Runtime.getRuntime().addShutdownHook(new Thread(kafka::close, "broker-stop"));
    new CountDownLatch(1).await();
  }
}
