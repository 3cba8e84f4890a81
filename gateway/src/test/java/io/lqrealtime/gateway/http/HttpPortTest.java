package io.lqrealtime.gateway.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Xnio;
import org.xnio.XnioWorker;

@Timeout(60)
class HttpPortTest {
  private static final String REQUEST = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final String ANSWER = "here";

  private final Semaphore late = new Semaphore(0);
  private final AtomicInteger answered = new AtomicInteger();
  private XnioWorker worker;
  private HttpPort port;

  @BeforeEach
  void start() throws IOException {
    worker = Xnio.getInstance().createWorker(OptionMap.create(Options.WORKER_IO_THREADS, 1));
  }

  @AfterEach
  void end() {
    port.close();
    worker.shutdownNow();
  }

  private void serve(Duration requestTime, int mostSockets) {
    port =
        new HttpPort(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            Optional.empty(),
            worker,
            mostSockets,
            requestTime,
            late::release,
            exchange -> {
              answered.incrementAndGet();
              exchange.setPersistent(false);
              exchange.getResponseSender().send(ANSWER);
            });
    port.open();
  }

  private Socket client() throws IOException {
    return new Socket(port.address().getAddress(), port.address().getPort());
  }

  private static void say(Socket client, String text) throws IOException {
    client.getOutputStream().write(text.getBytes(ISO_8859_1));
  }

  private static String everythingToTheEnd(Socket client) throws IOException {
    return new String(client.getInputStream().readAllBytes(), ISO_8859_1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "G", "GET / HTTP/1.1\r\nHost: a\r\n"})
  void requestThatDoesNotCome_orNotAllOfItsHead_isToldSo_andCounted(String said) throws Exception {
    serve(Duration.ofMillis(200), 10);
    try (Socket client = client()) {
      say(client, said);

      assertThat(everythingToTheEnd(client))
          .startsWith("HTTP/1.1 408 Request Timeout\r\n")
          .contains("\r\nConnection: close\r\n");
      late.acquire();
      assertThat(answered).hasValue(0);
    }
  }

  @Test
  void requestInTime_isAnswered_andNeverCounted() throws Exception {
    serve(Duration.ofSeconds(3), 10);
    try (Socket prompt = client();
        Socket inPieces = client();
        Socket gone = client();
        Socket silent = client()) {
      gone.close();
      say(prompt, REQUEST);
      say(inPieces, REQUEST.substring(0, 10));
      assertThat(everythingToTheEnd(prompt)).startsWith("HTTP/1.1 200").endsWith(ANSWER);
      say(inPieces, REQUEST.substring(10));
      assertThat(everythingToTheEnd(inPieces)).startsWith("HTTP/1.1 200").endsWith(ANSWER);

      // The last to come: once its time is over, so would be the others'.
      assertThat(everythingToTheEnd(silent)).startsWith("HTTP/1.1 408");
      late.acquire();
      assertThat(late.tryAcquire()).isFalse();
    }
  }

  @Test
  void requestThatIsNoRequest_getsItsError_andIsNotLate() throws Exception {
    serve(Duration.ofMillis(200), 10);
    try (Socket broken = client();
        Socket silent = client()) {
      say(broken, "\u0016\u0003\u0001 nonsense\r\n\r\n");
      assertThat(everythingToTheEnd(broken)).startsWith("HTTP/1.1 400");
      everythingToTheEnd(silent);
      late.acquire();
      assertThat(late.tryAcquire()).isFalse();
    }
  }

  @Test
  void socketsPastTheMost_waitInTheKernel_untilOthersHaveGone() throws Exception {
    serve(Duration.ofMillis(500), 2);
    try (Socket first = client();
        Socket second = client();
        Socket third = client()) {
      say(third, REQUEST);
      assertThat(everythingToTheEnd(third)).endsWith(ANSWER);
      // It was its turn because one of the others was over its time.
      late.acquire();
      assertThat(everythingToTheEnd(first)).startsWith("HTTP/1.1 408");
      assertThat(everythingToTheEnd(second)).startsWith("HTTP/1.1 408");
    }
  }
}
