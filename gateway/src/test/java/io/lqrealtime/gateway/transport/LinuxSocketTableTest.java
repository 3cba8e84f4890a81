package io.lqrealtime.gateway.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.gateway.transport.SilentPeers.Verdict;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** On real sockets, and on tables for what can't be had on one machine. */
@Timeout(20)
class LinuxSocketTableTest {
  private static final Duration SILENCE = Duration.ofMillis(12_500);
  private static final String HEAD =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout"
          + " inode\n";

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::", "::1"})
  @EnabledOnOs(OS.LINUX)
  void peerThatReadsNothing_readsSlowly_andOneThatHasReadAll_isNotKnown(String listening)
      throws Exception {
    String host = listening.equals("::1") ? listening : "127.0.0.1";
    try (ServerSocketChannel server = ServerSocketChannel.open();
        SocketChannel client = SocketChannel.open();
        LinuxSocketTable table = LinuxSocketTable.start(Path.of("/proc/net"), SILENCE)) {
      server.bind(new InetSocketAddress(listening, 0));
      client.setOption(StandardSocketOptions.SO_RCVBUF, 4096);
      client.connect(new InetSocketAddress(host, server.socket().getLocalPort()));
      try (SocketChannel accepted = server.accept()) {
        assertThat(judged(table, accepted)).isEqualTo(Verdict.UNKNOWN);

        accepted.configureBlocking(false);
        int written = accepted.write(ByteBuffer.allocate(1 << 20));
        assertThat(judged(table, accepted)).isEqualTo(Verdict.READS_SLOWLY);

        ByteBuffer read = ByteBuffer.allocate(written);
        while (read.hasRemaining()) {
          assertThat(client.read(read)).isPositive();
        }
        // The last of it may still have to be acknowledged.
        Verdict verdict = judged(table, accepted);
        while (verdict == Verdict.READS_SLOWLY) {
          verdict = judged(table, accepted);
        }
        assertThat(verdict).isEqualTo(Verdict.UNKNOWN);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "01, 00000400, 00000000, 0, 20, READS_SLOWLY",
    "01, 00000400, 00000002, 0, 5000, READS_SLOWLY",
    "01, 00000400, 00000005, 0, 640, READS_SLOWLY",
    "01, 00000400, 00000006, 0, 1280, UNREACHABLE",
    "01, 00000400, 0000000F, 0, 12000, UNREACHABLE",
    "01, 00000400, 00000000, 5, 20, READS_SLOWLY",
    "01, 00000400, 00000000, 6, 20, UNREACHABLE",
    "01, 00000000, 00000006, 6, 1280, UNKNOWN",
    "04, 00000400, 00000000, 0, 20, UNKNOWN",
  })
  void verdict_isThatOfTheLine(
      String state, String queue, String retransmits, int probes, int pause, Verdict verdict)
      throws Exception {
    Files.writeString(
        directory.resolve("tcp"),
        HEAD
            + line(
                "127.0.0.1", 8082, "127.0.0.2", 40_000, state, queue, retransmits, probes, pause));

    assertThat(judged(address("127.0.0.1", 8082), address("127.0.0.2", 40_000))).isEqualTo(verdict);
    assertThat(judged(address("127.0.0.2", 40_000), address("127.0.0.1", 8082)))
        .isEqualTo(Verdict.UNKNOWN);
    assertThat(judged(address("127.0.0.1", 8082), address("127.0.0.2", 40_001)))
        .isEqualTo(Verdict.UNKNOWN);
  }

  @Test
  void linesThatNobodyUnderstands_areNoAnswer_andTheNextQuestionIsAnswered() throws Exception {
    Path file = directory.resolve("tcp");
    Files.writeString(
        file,
        "\n01 01\n"
            + line("127.0.0.1", 8082, "127.0.0.2", 40_000, "01", "00000400", "many", 0, 20)
            + HEAD);
    try (LinuxSocketTable table = LinuxSocketTable.start(directory, SILENCE)) {
      InetSocketAddress local = address("127.0.0.1", 8082);
      InetSocketAddress peer = address("127.0.0.2", 40_000);
      assertThat(judged(table, local, peer)).isEqualTo(Verdict.UNKNOWN);

      Files.writeString(
          file, line("127.0.0.1", 8082, "127.0.0.2", 40_000, "01", "00000400", "00000000", 0, 20));
      assertThat(judged(table, local, peer)).isEqualTo(Verdict.READS_SLOWLY);
    }
  }

  @Test
  void withoutTables_nothingIsKnown() throws Exception {
    assertThat(judged(address("127.0.0.1", 1), address("127.0.0.1", 2))).isEqualTo(Verdict.UNKNOWN);
  }

  private Verdict judged(InetSocketAddress local, InetSocketAddress peer) throws Exception {
    try (LinuxSocketTable table = LinuxSocketTable.start(directory, SILENCE)) {
      return judged(table, local, peer);
    }
  }

  private static Verdict judged(LinuxSocketTable table, SocketChannel channel) throws Exception {
    return judged(
        table,
        (InetSocketAddress) channel.getLocalAddress(),
        (InetSocketAddress) channel.getRemoteAddress());
  }

  private static Verdict judged(
      LinuxSocketTable table, InetSocketAddress local, InetSocketAddress peer) throws Exception {
    CompletableFuture<Verdict> verdict = new CompletableFuture<>();
    table.judge(local, peer, verdict::complete);
    return verdict.get(10, TimeUnit.SECONDS);
  }

  private static InetSocketAddress address(String host, int port) {
    return new InetSocketAddress(host, port);
  }

  private static String line(
      String local,
      int localPort,
      String peer,
      int peerPort,
      String state,
      String queue,
      String retransmits,
      int probes,
      int pause)
      throws IOException {
    return "   0: %s:%04X %s:%04X %s %s:00000000 01:00000014 %s  1000 %8d 77 2 0 %d 4 30 10 -1%n"
        .formatted(
            word(local), localPort, word(peer), peerPort, state, queue, retransmits, probes, pause);
  }

  private static String word(String host) throws UnknownHostException {
    byte[] bytes = InetAddress.getByName(host).getAddress();
    return "%08X".formatted(ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).getInt());
  }
}
