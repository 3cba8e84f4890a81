package io.lqrealtime.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(90)
class EmbeddedRedisTest {
  @TempDir private Path directory;

  @Test
  void start_answersAndSaysWhatItIs() throws Exception {
    try (EmbeddedRedis redis = EmbeddedRedis.start(RedisOptions.ephemeral())) {
      assertThat(ask(redis, "PING")).isEqualTo("+PONG");
      assertThat(redis.uri()).hasToString("redis://127.0.0.1:" + redis.port());
      assertThat(redis.describe()).matches("redis-server \\d+\\.\\d+\\.\\d+ \\(/.+\\)");
      assertThat(ProcessHandle.of(redis.pid())).isPresent();
    }
  }

  @Test
  void start_shipped_runsTheShippedExecutable() throws Exception {
    try (EmbeddedRedis redis =
        EmbeddedRedis.start(RedisOptions.in(directory).withSource(RedisOptions.Source.SHIPPED))) {
      assertThat(ask(redis, "PING")).isEqualTo("+PONG");
      assertThat(redis.describe())
          .contains("7.0.15")
          .contains("shipped")
          .contains(directory.toString());
      assertThat(ProcessHandle.of(redis.pid()).orElseThrow().info().command().orElseThrow())
          .startsWith(directory.toRealPath().toString());
    }
  }

  @Test
  void start_memoryIsBounded() throws Exception {
    try (EmbeddedRedis redis =
        EmbeddedRedis.start(RedisOptions.ephemeral().withMaxMemoryBytes(2 << 20))) {
      assertThat(ask(redis, "SETRANGE big 4000000 x")).startsWith(":");
      assertThat(ask(redis, "SET more x")).startsWith("-OOM");
    }
  }

  @Test
  void restart_samePortAndEmpty() throws Exception {
    try (EmbeddedRedis redis = EmbeddedRedis.start(RedisOptions.ephemeral())) {
      int port = redis.port();
      long pid = redis.pid();
      ask(redis, "SET k v");

      redis.restart();

      assertThat(redis.port()).isEqualTo(port);
      assertThat(redis.pid()).isNotEqualTo(pid);
      assertThat(ask(redis, "EXISTS k")).isEqualTo(":0");
    }
  }

  @Test
  void stop_serverToldToKeepItsData_isAskedToEndNotKilled() throws Exception {
    RedisOptions options = RedisOptions.ephemeral().withArguments("--save", "3600 1");
    try (EmbeddedRedis redis = EmbeddedRedis.start(options)) {
      ask(redis, "SET k v");

      redis.restart();

      assertThat(ask(redis, "EXISTS k")).isEqualTo(":1");
    }
  }

  @Test
  void kill_thenStart_isBackOnTheSamePort() throws Exception {
    try (EmbeddedRedis redis = EmbeddedRedis.start(RedisOptions.ephemeral())) {
      long pid = redis.pid();

      redis.kill();

      assertThat(redis.isRunning()).isFalse();
      assertThat(ProcessHandle.of(pid)).isEmpty();
      assertThatThrownBy(() -> ask(redis, "PING")).isInstanceOf(IOException.class);
      redis.start();
      assertThat(ask(redis, "PING")).isEqualTo("+PONG");
    }
  }

  @Test
  void pause_answersOnlyAfterResume() throws Exception {
    try (EmbeddedRedis redis = EmbeddedRedis.start(RedisOptions.ephemeral());
        Socket socket = connect(redis)) {
      redis.pause();
      socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
      socket.setSoTimeout(300);
      assertThatThrownBy(() -> socket.getInputStream().read()).hasMessageContaining("timed out");

      redis.resume();

      socket.setSoTimeout(30_000);
      assertThat(socket.getInputStream().read()).isEqualTo('+');
    }
  }

  @Test
  void close_whilePaused_endsTheProcess() {
    EmbeddedRedis redis = EmbeddedRedis.start(RedisOptions.ephemeral());
    long pid = redis.pid();
    redis.pause();

    redis.close();

    assertThat(ProcessHandle.of(pid)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"running", "paused"})
  void parentIsKilled_childDies(String state) throws Exception {
    long pid;
    try (ChildJvm parent = ChildJvm.run(RedisChild.class, directory.toString(), state)) {
      pid = Long.parseLong(parent.nextLine());
      assertThat(alive(pid)).isTrue();
      assertThat(parent.kill()).as("stray output on stdout").isEmpty();
    }
    await(() -> !alive(pid));
  }

  @Test
  void start_portInUse_namesThePort() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();

      assertThatThrownBy(() -> EmbeddedRedis.start(RedisOptions.in(directory).withPort(port)))
          .isInstanceOf(EmbeddedServerException.PortInUse.class)
          .hasMessageContaining("port " + port);
    }
  }

  @Test
  void start_argumentIsWrong_saysWhatRedisSaid() {
    assertThatThrownBy(
            () -> EmbeddedRedis.start(RedisOptions.in(directory).withArguments("--nonsense", "1")))
        .isInstanceOf(EmbeddedServerException.Failed.class)
        .hasMessageContaining("nonsense");
  }

  @Test
  void start_directoryIsAFile_namesIt() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));

    assertThatThrownBy(() -> EmbeddedRedis.start(RedisOptions.in(file)))
        .isInstanceOf(EmbeddedServerException.DirectoryUnusable.class)
        .hasMessageContaining(file.toString());
  }

  @ParameterizedTest
  @CsvSource({
    "Linux,    amd64,   redis-server-7.0.15-linux-amd64",
    "Linux,    aarch64, redis-server-7.0.15-linux-arm64",
    "Mac OS X, x86_64,  redis-server-7.0.15-darwin-amd64",
    "Mac OS X, aarch64, redis-server-7.0.15-darwin-arm64",
  })
  void shippedName_isInTheJar(String system, String processor, String name) {
    assertThat(RedisExecutable.shippedName(system, processor)).isEqualTo(name);
    assertThat(getClass().getResource("/" + name)).isNotNull();
  }

  @Test
  void shippedName_otherSystem_isNamedInTheError() {
    assertThatThrownBy(() -> RedisExecutable.shippedName("Windows 11", "amd64"))
        .isInstanceOf(EmbeddedServerException.Failed.class)
        .hasMessageContaining("Windows 11");
  }

  /** A zombie that nobody has collected yet is dead: it has let go of everything. */
  private static boolean alive(long pid) {
    return ProcessHandle.of(pid)
        .filter(ProcessHandle::isAlive)
        .flatMap(process -> process.info().command())
        .isPresent();
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
      Thread.sleep(10);
    }
  }

  private static Socket connect(EmbeddedRedis redis) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), redis.port());
    socket.setSoTimeout(30_000);
    return socket;
  }

  private static String ask(EmbeddedRedis redis, String command) throws IOException {
    try (Socket socket = connect(redis)) {
      socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
      StringBuilder line = new StringBuilder();
      for (int next = socket.getInputStream().read(); next >= 0 && next != '\r'; ) {
        line.append((char) next);
        next = socket.getInputStream().read();
      }
      return line.toString();
    }
  }
}
