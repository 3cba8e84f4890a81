package io.lqrealtime.bench.faults.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryWriterTest {
  @TempDir private Path directory;

  @Test
  void linesOfManyThreads_areWhole_andInEachThreadsOrder() throws Exception {
    Path file = directory.resolve("history.jsonl");
    try (HistoryWriter history = HistoryWriter.open(file)) {
      try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
        for (int thread = 0; thread < 4; thread++) {
          String client = "c" + thread;
          threads.execute(
              () -> {
                for (int i = 0; i < 1_000; i++) {
                  int n = i;
                  history.write(client, "sent", json -> json.writeNumberField("n", n));
                }
              });
        }
      }
      assertThat(history.lines()).isEqualTo(4_000);
    }
    List<String> lines = Files.readAllLines(file);
    assertThat(lines)
        .hasSize(4_000)
        .allMatch(line -> line.startsWith("{\"t\":") && line.endsWith("}"));
    for (int thread = 0; thread < 4; thread++) {
      String client = "\"c" + thread + "\"";
      List<String> own = lines.stream().filter(line -> line.contains(client)).toList();
      for (int i = 0; i < own.size(); i++) {
        assertThat(own.get(i)).endsWith("\"e\":\"sent\",\"n\":" + i + "}");
      }
    }
  }

  @Test
  void flushedLines_areInTheFile_whileItIsOpen() throws Exception {
    Path file = directory.resolve("history.jsonl");
    try (HistoryWriter history = HistoryWriter.open(file)) {
      history.write("c", "connect");
      assertThat(history.flush()).isTrue();
      assertThat(Files.readString(file)).contains("\"client\":\"c\",\"e\":\"connect\"}\n");
      history.close();
      history.write("c", "closed");
      assertThat(history.flush()).isFalse();
    }
    assertThat(Files.readString(file)).doesNotContain("closed");
  }
}
