package io.lqrealtime.embedded;

import java.nio.file.Path;
import java.util.stream.IntStream;

/** Runs a broker in a directory, writes to a topic, says so, and waits to be killed. */
final class KafkaChild {
  private KafkaChild() {}

  public static void main(String[] arguments) throws Exception {
    EmbeddedKafka kafka = EmbeddedKafka.start(KafkaOptions.in(Path.of(arguments[0])));
    KafkaClients.createTopic(kafka, arguments[1], 3);
    KafkaClients.produce(
        kafka,
        arguments[1],
        IntStream.range(0, Integer.parseInt(arguments[2])).mapToObj(Integer::toString).toList());
    System.out.println(kafka.clusterId());
    while (System.in.read() >= 0) {
      // Whoever started this process still holds the other end.
    }
    Runtime.getRuntime().halt(1);
  }
}
