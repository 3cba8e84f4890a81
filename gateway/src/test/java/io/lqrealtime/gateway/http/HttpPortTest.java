package io.lqrealtime.gateway.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.ServerConnection;
import io.undertow.util.SameThreadExecutor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xnio.ChannelListener;
import org.xnio.IoUtils;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.StreamConnection;
import org.xnio.Xnio;
import org.xnio.XnioWorker;
import org.xnio.conduits.ConduitStreamSourceChannel;

@Timeout(60)
class HttpPortTest {
  private static final String REQUEST = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final String ANSWER = "here";

  private final Semaphore late = new Semaphore(0);
  private final Semaphore tooMany = new Semaphore(0);
  private final AtomicInteger answered = new AtomicInteger();
  private XnioWorker worker;
  private HttpPort port;
  private int mostUpgraded = 10;

  @BeforeEach
  void start() throws IOException {
    worker = Xnio.getInstance().createWorker(OptionMap.create(Options.WORKER_IO_THREADS, 1));
  }

  @AfterEach
  void end() {
    port.close();
    worker.shutdownNow();
  }

  private void serve(Duration requestTime, int mostPending) {
    serve(
        requestTime,
        mostPending,
        exchange -> {
          answered.incrementAndGet();
          exchange.setPersistent(false);
          exchange.getResponseSender().send(ANSWER);
        });
  }

  private void serve(Duration requestTime, int mostPending, HttpHandler handler) {
    port =
        new HttpPort(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            Optional.empty(),
            worker,
            mostUpgraded,
            mostPending,
            tooMany::release,
            requestTime,
            late::release,
            handler);
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
    serve(Duration.ofSeconds(6), 10);
    // The first of all takes longer, for the classes that it loads.
    try (Socket first = client()) {
      say(first, REQUEST);
      assertThat(everythingToTheEnd(first)).endsWith(ANSWER);
    }
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
    serve(Duration.ofSeconds(2), 10);
    try (Socket broken = client()) {
      say(broken, "\u0016\u0003\u0001 nonsense\r\n\r\n");
      // Once its time is over, so would be that of the one before.
      try (Socket silent = client()) {
        assertThat(everythingToTheEnd(broken)).startsWith("HTTP/1.1 400");
        everythingToTheEnd(silent);
        late.acquire();
        assertThat(late.tryAcquire()).isFalse();
      }
    }
  }

  @Test
  void whereOneMoreComes_theOneThatHasWaitedForLongestGoes() throws Exception {
    serve(Duration.ofSeconds(30), 2);
    try (Socket first = client();
        Socket second = client();
        Socket third = client()) {
      assertThat(everythingToTheEnd(first))
          .startsWith("HTTP/1.1 503 ")
          .contains("\r\nRetry-After: 5\r\n", "\r\nConnection: close\r\n");
      tooMany.acquire();

      say(third, REQUEST);
      assertThat(everythingToTheEnd(third)).endsWith(ANSWER);
      say(second, REQUEST);
      assertThat(everythingToTheEnd(second)).endsWith(ANSWER);
    }
    assertThat(tooMany.tryAcquire()).isFalse();
    assertThat(late.tryAcquire()).isFalse();
  }

  @Test
  void whoEndsOrWaitsOrIsUpgraded_isOneLess() throws Exception {
    Upgrades upgrades = new Upgrades();
    Semaphore placed = new Semaphore(0);
    serve(
        Duration.ofSeconds(30),
        1,
        exchange -> {
          if (exchange.getRequestHeaders().contains("Upgrade")) {
            upgrades.handleRequest(exchange);
          } else {
            UpgradeableConnection.waits(exchange);
            exchange.dispatch(SameThreadExecutor.INSTANCE, () -> placed.release());
          }
        });
    try (Socket upgraded = client();
        Socket seated = client()) {
      say(upgraded, UPGRADE);
      StreamConnection socket = upgrades.sockets.take();
      say(seated, REQUEST);
      placed.acquire();
      try (Socket ended = client()) {
        say(ended, "nonsense\r\n\r\n");
        assertThat(everythingToTheEnd(ended)).startsWith("HTTP/1.1 400");
      }
      try (Socket last = client()) {
        say(last, REQUEST);
        placed.acquire();
        assertThat(socket.isOpen()).isTrue();
      }
    }
    assertThat(tooMany.tryAcquire()).isFalse();
  }

  @Test
  void socketsPastAllBounds_waitInTheKernel_untilOthersHaveGone() throws Exception {
    mostUpgraded = 0;
    BlockingQueue<ServerConnection> here = new LinkedBlockingQueue<>();
    serve(
        Duration.ofSeconds(30),
        1,
        exchange -> {
          UpgradeableConnection.waits(exchange);
          exchange.dispatch(SameThreadExecutor.INSTANCE, () -> here.add(exchange.getConnection()));
        });
    List<Socket> clients = new ArrayList<>();
    try {
      for (int i = 0; i < 10; i++) {
        clients.add(client());
        say(clients.getLast(), REQUEST);
      }
      ServerConnection one = here.take();
      for (int i = 1; i < 10; i++) {
        ServerConnection other = here.take();
        assertThat(here).as("beside the two that may be").isEmpty();
        IoUtils.safeClose(one);
        one = other;
      }
    } finally {
      for (Socket client : clients) {
        client.close();
      }
    }
    assertThat(tooMany.tryAcquire()).isFalse();
  }

  /** Upgrades each request, and releases its socket. */
  private static final class Upgrades implements HttpHandler {
    final BlockingQueue<StreamConnection> sockets = new LinkedBlockingQueue<>();
    final BlockingQueue<WeakReference<ServerConnection>> servers = new LinkedBlockingQueue<>();
    final Semaphore ended = new Semaphore(0);

    @Override
    public void handleRequest(HttpServerExchange exchange) {
      exchange.getConnection().addCloseListener(closed -> ended.release());
      servers.add(new WeakReference<>(exchange.getConnection()));
      exchange.upgradeChannel(
          (channel, upgraded) -> sockets.add(UpgradeableConnection.release(upgraded)));
    }

    /** Reads on the socket's I/O thread, as its owner would. */
    String read(StreamConnection socket, int length) throws Exception {
      CompletableFuture<String> all = new CompletableFuture<>();
      StringBuilder read = new StringBuilder();
      ChannelListener<ConduitStreamSourceChannel> listener =
          source -> {
            try {
              ByteBuffer some = ByteBuffer.allocate(3);
              while (read.length() < length && source.read(some) > 0) {
                read.append(ISO_8859_1.decode(some.flip()));
                some.clear();
              }
              if (read.length() >= length) {
                source.suspendReads();
                all.complete(read.toString());
              }
            } catch (IOException e) {
              all.completeExceptionally(e);
            }
          };
      socket
          .getIoThread()
          .execute(
              () -> {
                socket.getSourceChannel().setReadListener(listener);
                socket.getSourceChannel().resumeReads();
              });
      return all.get();
    }
  }

  private static final String UPGRADE =
      "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n";

  @ParameterizedTest
  @ValueSource(strings = {"", "1", "1234567"})
  void socketOfAnUpgrade_goesOnWithWhatCameWithTheRequest(String early) throws Exception {
    Upgrades upgrades = new Upgrades();
    serve(Duration.ofSeconds(30), 10, upgrades);
    try (Socket client = client()) {
      say(client, UPGRADE + early);
      StreamConnection socket = upgrades.sockets.take();
      say(client, "and more");

      assertThat(upgrades.read(socket, early.length() + 8)).isEqualTo(early + "and more");
      socket
          .getIoThread()
          .execute(
              () -> {
                try {
                  socket.getSinkChannel().write(ByteBuffer.wrap("bye".getBytes(ISO_8859_1)));
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                } finally {
                  IoUtils.safeClose(socket);
                }
              });
      assertThat(everythingToTheEnd(client)).startsWith("HTTP/1.1 101").endsWith("\r\n\r\nbye");
    }
  }

  @Test
  void socketOfAnUpgrade_keepsNothingOfTheServer() throws Exception {
    Upgrades upgrades = new Upgrades();
    serve(Duration.ofSeconds(30), 10, upgrades);
    try (Socket client = client()) {
      say(client, UPGRADE);
      StreamConnection socket = upgrades.sockets.take();

      WeakReference<ServerConnection> server = upgrades.servers.take();
      while (server.get() != null) {
        System.gc();
      }
      assertThat(socket.isOpen()).isTrue();
      assertThat(upgrades.ended.availablePermits()).as("told its listeners").isEqualTo(1);
    }
  }

  @Test
  void endOfASocket_beforeItsUpgrade_isToldToTheServersListeners() throws Exception {
    Semaphore ended = new Semaphore(0);
    serve(
        Duration.ofSeconds(30),
        10,
        exchange -> {
          exchange.getConnection().addCloseListener(closed -> ended.release());
          answered.incrementAndGet();
          exchange.dispatch(SameThreadExecutor.INSTANCE, () -> {});
          exchange.getIoThread().execute(() -> IoUtils.safeClose(exchange.getConnection()));
        });
    try (Socket client = client()) {
      say(client, REQUEST);

      assertThat(everythingToTheEnd(client)).isEmpty();
      ended.acquire();
    }
  }
}
