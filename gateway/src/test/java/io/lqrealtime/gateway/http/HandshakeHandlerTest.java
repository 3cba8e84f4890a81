package io.lqrealtime.gateway.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.gateway.limit.Limit;
import io.lqrealtime.gateway.limit.RateLimit;
import io.lqrealtime.gateway.security.Permissions;
import io.lqrealtime.gateway.security.Principal;
import io.lqrealtime.gateway.security.TokenVerifier.Outcome;
import io.lqrealtime.gateway.tenant.TenantLimits;
import io.lqrealtime.gateway.tenant.Tenants;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xnio.IoUtils;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Xnio;
import org.xnio.XnioWorker;

@Timeout(120)
class HandshakeHandlerTest {
  private static final String REQUEST =
      String.join(
          "\r\n",
          "GET /ws?token=bad HTTP/1.1",
          "Host: a",
          "Upgrade: websocket",
          "Connection: Upgrade",
          "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
          "",
          "");

  private final List<String> outcomes = new ArrayList<>();
  private final List<Limit> limits = new CopyOnWriteArrayList<>();

  /** What becomes of a token; empty: too many wait. */
  private volatile Optional<Outcome> verdict = Optional.of(new Outcome.Refused("no good"));

  private XnioWorker worker;
  private HttpPort server;

  private final Tenants tenants =
      new Tenants(10, new TenantLimits(10, 10, 10, 10, new RateLimit(10, 10), 10), () -> 1);

  /** Whoever waits to be let in. */
  private final BlockingQueue<Waiting> waiting = new LinkedBlockingQueue<>();

  private record Waiting(Runnable comeIn, Runnable sendAway) {}

  /** What becomes of who has come in. */
  private volatile HandshakeHandler.Upgraded upgraded =
      (socket, guest) -> {
        throw new AssertionError("upgraded");
      };

  private final class Admission implements HandshakeHandler.Admission {
    @Override
    public Tenants.Entry enter(Principal principal) {
      return tenants.enter(principal.tenant(), principal.user());
    }

    @Override
    public void inTurn(Principal principal, Runnable comeIn, Runnable sendAway) {
      waiting.add(new Waiting(comeIn, sendAway));
    }

    @Override
    public void limited(Limit limit) {
      limits.add(limit);
    }

    @Override
    public void outcome(String outcome) {
      outcomes.add(outcome);
    }
  }

  @BeforeEach
  void start() throws IOException {
    worker = Xnio.getInstance().createWorker(OptionMap.create(Options.WORKER_IO_THREADS, 1));
    Duration patience = Duration.ofSeconds(60);
    server =
        new HttpPort(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            Optional.empty(),
            worker,
            10,
            10,
            () -> limits.add(Limit.PENDING_SOCKETS),
            patience,
            () -> limits.add(Limit.REQUEST_TIME),
            new HandshakeHandler(
                (asker, token, answer) -> answer.accept(verdict),
                List.of(),
                false,
                new Admission(),
                (socket, guest) -> upgraded.accept(socket, guest)));
    server.open();
  }

  @AfterEach
  void end() {
    server.close();
    worker.shutdownNow();
  }

  private void acceptTokens() {
    UserId alice = new UserId("alice");
    verdict =
        Optional.of(
            new Outcome.Accepted(
                new Principal(
                    new TenantId("acme"), alice, 0, Long.MAX_VALUE, Permissions.ofUser(alice))));
  }

  @Test
  void refusal_isTheOnlyAnswerOfItsConnection() throws Exception {
    String answers = answersTo(REQUEST + REQUEST);

    assertThat(answers).containsOnlyOnce("HTTP/1.1 401").contains("Connection: close");
    assertThat(answers).endsWith("{\"code\":\"unauthorized\",\"message\":\"no good\"}");
    assertThat(outcomes).containsExactly("refused_401");
  }

  @Test
  void tokenThatIsNotLookedAt_isForLater() throws Exception {
    verdict = Optional.empty();

    assertThat(answersTo(REQUEST))
        .containsOnlyOnce("HTTP/1.1 503")
        .contains("Retry-After: ", "\"code\":\"unavailable\"");
    assertThat(outcomes).containsExactly("refused_503");
    assertThat(limits).containsExactly(Limit.TOKENS);
  }

  @Test
  void whoIsSentAwayAfterAWhile_isForLater_andGivesTheSeatBack() throws Exception {
    acceptTokens();
    try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
      Future<String> answers = threads.submit(() -> answersTo(REQUEST));
      Waiting client = waiting.take();
      assertThat(tenants.connections()).isEqualTo(1);
      client.sendAway().run();

      assertThat(answers.get())
          .containsOnlyOnce("HTTP/1.1 503")
          .contains("Retry-After: ", "\"code\":\"unavailable\"");
    }
    assertThat(tenants.connections()).isZero();
    assertThat(outcomes).containsExactly("refused_503");
  }

  @Test
  void whoHasComeIn_hasItsSeat_untilItLeavesIt() throws Exception {
    acceptTokens();
    CompletableFuture<Tenants.Seat> seat = new CompletableFuture<>();
    upgraded =
        (socket, guest) -> {
          seat.complete(guest.seat());
          IoUtils.safeClose(socket);
        };
    try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
      Future<String> answers = threads.submit(() -> answersTo(REQUEST));
      waiting.take().comeIn().run();

      assertThat(answers.get()).startsWith("HTTP/1.1 101").endsWith("\r\n\r\n");
    }
    assertThat(tenants.connections()).isEqualTo(1);
    seat.get().leave();
    assertThat(tenants.connections()).isZero();
  }

  @Test
  void whoCanNotBeTakenOver_losesItsSeat_andItsConnection() throws Exception {
    acceptTokens();
    upgraded =
        (socket, guest) -> {
          throw new IllegalStateException("by order");
        };
    try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
      Future<String> answers = threads.submit(() -> answersTo(REQUEST));
      waiting.take().comeIn().run();

      assertThat(answers.get()).startsWith("HTTP/1.1 101").endsWith("\r\n\r\n");
    }
    assertThat(tenants.connections()).isZero();
  }

  @Test
  void whoWaitsToBeLetIn_makesNoRoomForOthers_butWhoIsRefusedDoes() throws Exception {
    acceptTokens();
    upgraded = (socket, guest) -> IoUtils.safeClose(socket);
    try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
      Future<String> answers = threads.submit(() -> answersTo(REQUEST));
      Waiting client = waiting.take();
      verdict = Optional.of(new Outcome.Refused("no good"));
      List<Socket> others = new ArrayList<>();
      try {
        // As many as may be, and some more.
        for (int i = 0; i < 12; i++) {
          Socket other = new Socket(server.address().getAddress(), server.address().getPort());
          others.add(other);
          other.setSoTimeout(60_000);
          other.getOutputStream().write(REQUEST.getBytes(ISO_8859_1));
          assertThat(other.getInputStream().read()).isEqualTo('H');
        }
        while (!limits.equals(List.of(Limit.PENDING_SOCKETS, Limit.PENDING_SOCKETS))) {
          TimeUnit.MILLISECONDS.sleep(5);
        }
      } finally {
        for (Socket other : others) {
          other.close();
        }
      }
      client.comeIn().run();

      assertThat(answers.get()).startsWith("HTTP/1.1 101");
    }
  }

  private String answersTo(String requests) throws IOException {
    InetSocketAddress address = server.address();
    try (Socket client = new Socket(address.getAddress(), address.getPort())) {
      client.setSoTimeout(60_000);
      client.getOutputStream().write(requests.getBytes(ISO_8859_1));
      return new String(client.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }
}
