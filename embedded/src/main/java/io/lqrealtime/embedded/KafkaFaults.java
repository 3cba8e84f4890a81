package io.lqrealtime.embedded;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import kafka.server.FaultHandlerFactory;
import org.apache.kafka.server.fault.FaultHandler;
import org.apache.kafka.server.fault.FaultHandlerException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the place of Kafka's handlers, which halt the whole process on a fatal fault (a controller
 * that cannot start is one). Here the process is not the broker's: the fault is logged and kept.
 */
final class KafkaFaults implements FaultHandlerFactory {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaFaults.class);

  private final AtomicReference<RuntimeException> firstFatal = new AtomicReference<>();

  @Override
  public FaultHandler build(String name, boolean fatal, Runnable action) {
    return (message, cause) -> {
      LOG.error("{} fault in the embedded broker, {}: {}", kind(fatal), name, message, cause);
      action.run();
      FaultHandlerException fault = new FaultHandlerException(name + ": " + message, cause);
      if (fatal) {
        firstFatal.compareAndSet(null, fault);
      }
      return fault;
    };
  }

  /** The first fault after which the broker cannot be relied on. */
  Optional<RuntimeException> fatal() {
    return Optional.ofNullable(firstFatal.get());
  }

  private static String kind(boolean fatal) {
    return fatal ? "Fatal" : "Minor";
  }
}
