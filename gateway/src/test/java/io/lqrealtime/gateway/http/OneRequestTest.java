package io.lqrealtime.gateway.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.undertow.Undertow;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xnio.Options;

@Timeout(60)
class OneRequestTest {
  private static final String TEXT = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final byte[] REQUEST = TEXT.getBytes(ISO_8859_1);

  /** More than the buffers of both sockets hold. */
  private static final int LARGE = 8 << 20;

  private final CountDownLatch ended = new CountDownLatch(1);
  private final CountDownLatch late = new CountDownLatch(1);
  private Undertow server;
  private Socket client;

  @BeforeEach
  void connect() {
    client = new Socket();
  }

  @AfterEach
  void end() throws Exception {
    client.close();
    server.stop();
  }

  private void serve(int bytes, Duration patience) throws Exception {
    server =
        Undertow.builder()
            .addHttpListener(0, "127.0.0.1")
            .setSocketOption(Options.SEND_BUFFER, 16 * 1024)
            .setHandler(
                new OneRequest(
                    exchange -> {
                      exchange.getConnection().addCloseListener(closed -> ended.countDown());
                      exchange.getResponseSender().send(ByteBuffer.allocate(bytes));
                    },
                    patience,
                    late::countDown))
            .build();
    server.start();
    client.setReceiveBufferSize(16 * 1024);
    client.connect((InetSocketAddress) server.getListenerInfo().getFirst().getAddress());
  }

  @Test
  void answerThatIsNotTaken_isNotWaitedForWithoutEnd() throws Exception {
    serve(LARGE, Duration.ofMillis(200));
    client.getOutputStream().write(REQUEST);

    assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(late.getCount()).as("those that are not late").isZero();
  }

  @Test
  void secondRequest_isNotAnswered() throws Exception {
    serve(1, Duration.ofMinutes(1));
    // In one segment, so that nothing is left in the socket that its end would answer with a reset.
    client.getOutputStream().write((TEXT + TEXT).getBytes(ISO_8859_1));

    String all = new String(client.getInputStream().readAllBytes(), ISO_8859_1);

    assertThat(all).containsOnlyOnce("HTTP/1.1 200").contains("Connection: close");
    assertThat(late.getCount()).as("those that are not late").isOne();
  }

  @Test
  void largeAnswer_isWhole() throws Exception {
    serve(LARGE, Duration.ofMinutes(1));
    client.getOutputStream().write(REQUEST);

    assertThat(client.getInputStream().readAllBytes()).hasSizeGreaterThan(LARGE);
  }
}
