package io.lqrealtime.embedded;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.EligibleLeaderReplicasVersion;

/**
 * The broker's log directory, formatted once and reopened afterwards under the same cluster id.
 *
 * @param logDirectory what goes into {@code log.dirs}
 * @param state in which state the last broker left it
 */
record KafkaStorage(Path logDirectory, State state) {
  enum State {
    NEW,
    CLEAN,
    /** The last broker was killed, or did not get to the end of its shutdown. */
    UNCLEAN
  }

  private static final String LOGS = "logs";

  /** Kafka's file names: what formatting leaves, and what a complete shutdown leaves. */
  private static final String FORMATTED = "meta.properties";

  private static final String SHUT_DOWN = ".kafka_cleanshutdown";

  /** Call only with the directory's lock held. */
  static KafkaStorage open(Path directory) {
    Path logs = directory.resolve(LOGS);
    if (Files.exists(logs.resolve(FORMATTED))) {
      boolean clean = Files.exists(logs.resolve(SHUT_DOWN));
      return new KafkaStorage(logs, clean ? State.CLEAN : State.UNCLEAN);
    }
    if (Files.exists(logs)) {
      throw new EmbeddedServerException.DirectoryUnusable(
          directory, "%s exists but is not a broker's".formatted(logs), null);
    }
    format(directory, logs);
    return new KafkaStorage(logs, State.NEW);
  }

  /** In a directory beside it, moved into place when complete: a kill leaves all or nothing. */
  private static void format(Path directory, Path logs) {
    Path unfinished = directory.resolve(LOGS + ".new");
    try {
      Directories.deleteAll(unfinished);
      Files.createDirectories(unfinished);
      new Formatter()
          .setPrintStream(
              new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
          .setClusterId(Uuid.randomUuid().toString())
          .setNodeId(BrokerProperties.NODE_ID)
          .setControllerListenerName(BrokerProperties.CONTROLLER_LISTENER)
          .addDirectory(unfinished.toString())
          .setMetadataLogDirectory(unfinished.toString())
          // Which of several replicas may lead is no question here, and answering it after a kill
          // takes further rounds of elections.
          .setFeatureLevel(
              EligibleLeaderReplicasVersion.FEATURE_NAME,
              EligibleLeaderReplicasVersion.ELRV_0.featureLevel())
          .run();
      Files.move(unfinished, logs, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new EmbeddedServerException.DirectoryUnusable(directory, e.toString(), e);
    } catch (Exception e) {
      throw new EmbeddedServerException.Failed("cannot format " + directory, e);
    }
  }
}
