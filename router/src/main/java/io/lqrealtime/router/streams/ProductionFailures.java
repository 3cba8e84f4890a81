package io.lqrealtime.router.streams;

import io.lqrealtime.topic.TopicNames;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProductionExceptionHandler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens to a record that Kafka did not take.
 *
 * <ul>
 *   <li>To a gateway's topic: passed over. The gateway sees the gap in its chain and recovers. The
 *       topic counts as missing until it has been seen again, so that only one record waits for it.
 *   <li>To a changelog, the inbound log, the index or the dead-letter topic: fails the thread,
 *       which is replaced; all of its tasks then read again from the last commit. Not {@code
 *       RETRY}, which restarts the one task whose record failed first: all tasks of a thread share
 *       one slot for a failure, and while it is taken {@code RecordCollectorImpl} (Kafka 4.3.1)
 *       passes over what fails of the others. They went on, and committed, without the records that
 *       they had sent.
 *   <li>Too large (headers were added to a record that just fitted): a message on its way home goes
 *       to the dead-letter topic without its value, a dead letter is given up. Either would fail
 *       again for ever.
 * </ul>
 *
 * <p>Called by the producer's thread.
 */
public final class ProductionFailures implements ProductionExceptionHandler {
  /** The setting that holds the {@link Ports}: Streams creates this class by its name. */
  static final String PORTS = "lq.router.production.failures";

  private static final Logger LOG = LoggerFactory.getLogger(ProductionFailures.class);

  private @Nullable Ports ports;

  /** What the handler needs. */
  record Ports(TopicNames names, GatewayTopics topics, RouterMetrics metrics) {}

  @Override
  public void configure(Map<String, ?> configs) {
    ports = (Ports) configs.get(PORTS);
  }

  @Override
  public Response handleError(
      ErrorHandlerContext context, ProducerRecord<byte[], byte[]> record, Exception exception) {
    Ports known = ports;
    if (known == null) {
      throw new IllegalStateException("not configured");
    }
    String topic = record.topic();
    if (topic.startsWith(known.names().gatewayPrefix())) {
      known.topics().missing(topic);
      known.metrics().deliveryFailed();
      return Response.resume();
    }
    if (exception instanceof RecordTooLargeException) {
      if (topic.equals(known.names().deadLetter())) {
        LOG.error("A dead letter is too large, and given up", exception);
        return Response.resume();
      }
      if (topic.equals(known.names().inbound())) {
        return Response.resume(List.of(DeadLetters.tooLargeToForward(known.names(), record)));
      }
    }
    return Response.fail();
  }
}
