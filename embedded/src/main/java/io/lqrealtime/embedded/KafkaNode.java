package io.lqrealtime.embedded;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.server.SharedServer;
import org.apache.kafka.common.errors.BrokerIdNotRegisteredException;
import org.apache.kafka.common.errors.NotControllerException;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.controller.Controller;
import org.apache.kafka.controller.ControllerRequestContext;
import org.apache.kafka.metadata.bootstrap.BootstrapMetadata;
import org.apache.kafka.metadata.properties.MetaPropertiesEnsemble;
import org.apache.kafka.raft.QuorumConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/**
 * One life of a broker and its controller, from start to stop.
 *
 * <p>Puts together the parts that Kafka's own {@code KafkaRaftServer} puts together, because that
 * class settles three things for a process of its own: faults halt the process, sockets are bound
 * late (so that a free port has to be guessed), and a broker that was killed is refused until the
 * session of its former self has expired.
 */
final class KafkaNode {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaNode.class);
  private static final Duration CONTROLLED_SHUTDOWN = Duration.ofSeconds(5);
  private static final Duration CONTROLLER_ACTIVE = Duration.ofSeconds(60);
  private static final Duration CONTROLLER_POLL = Duration.ofMillis(5);

  private final KafkaFaults faults = new KafkaFaults();
  private final BrokerServer broker;
  private final ControllerServer controller;
  private final String clusterId;

  KafkaNode(Map<String, String> properties, KafkaSockets sockets) {
    KafkaConfig config = new KafkaConfig(properties, false);
    Tuple2<MetaPropertiesEnsemble, BootstrapMetadata> storage =
        KafkaRaftServer.initializeLogDirs(config, LOG, "");
    SharedServer shared =
        new SharedServer(
            config,
            storage._1(),
            Time.SYSTEM,
            new Metrics(Time.SYSTEM),
            CompletableFuture.completedFuture(
                QuorumConfig.parseVoterConnections(config.quorumConfig().voters())),
            List.of(),
            faults,
            sockets);
    this.broker = new BrokerServer(shared);
    this.controller = new ControllerServer(shared, KafkaRaftServer.configSchema(), storage._2());
    this.clusterId = storage._1().clusterId().orElseThrow();
  }

  String clusterId() {
    return clusterId;
  }

  Optional<RuntimeException> fatalFault() {
    return faults.fatal();
  }

  /**
   * Returns when the broker has been let into its cluster of one and takes requests. The controller
   * comes first, because the broker registers with it. After a failure {@link #stop} is still due.
   */
  void start(KafkaStorage.State state) throws InterruptedException {
    long begun = System.nanoTime();
    controller.startup();
    long controllerUp = System.nanoTime();
    if (state == KafkaStorage.State.UNCLEAN) {
      forgetFormerSelf(controller.controller());
    }
    long registrable = System.nanoTime();
    broker.startup();
    LOG.debug(
        "Controller {} ms, former registration {} ms, broker {} ms",
        TimeUnit.NANOSECONDS.toMillis(controllerUp - begun),
        TimeUnit.NANOSECONDS.toMillis(registrable - controllerUp),
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - registrable));
  }

  /** The broker goes first: its controlled shutdown needs the controller. */
  void stop() {
    try {
      broker.shutdown(CONTROLLED_SHUTDOWN);
    } finally {
      controller.shutdown();
    }
  }

  /**
   * A controller believes that a broker which did not say goodbye is alive, until its session
   * expires, and refuses its successor. This one need not wait: whoever holds the directory's lock
   * knows that the former broker is dead.
   */
  private static void forgetFormerSelf(Controller controller) throws InterruptedException {
    long deadline = System.nanoTime() + CONTROLLER_ACTIVE.toNanos();
    while (System.nanoTime() < deadline) {
      try {
        controller
            .unregisterBroker(
                new ControllerRequestContext(
                    new RequestHeaderData(), KafkaPrincipal.ANONYMOUS, OptionalLong.of(deadline)),
                BrokerProperties.NODE_ID)
            .get(CONTROLLER_ACTIVE.toMillis(), TimeUnit.MILLISECONDS);
        return;
      } catch (ExecutionException e) {
        if (e.getCause() instanceof BrokerIdNotRegisteredException) {
          return;
        }
        if (!(e.getCause() instanceof NotControllerException)) {
          throw new EmbeddedServerException.Failed(
              "the controller did not forget the broker that was killed", e.getCause());
        }
        Thread.sleep(CONTROLLER_POLL);
      } catch (TimeoutException e) {
        break;
      }
    }
    throw new EmbeddedServerException.Failed(
        "the controller was not active within " + CONTROLLER_ACTIVE, null);
  }
}
