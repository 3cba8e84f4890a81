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
import io.undertow.Undertow;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HandshakeHandlerTest {
  private static final String REFUSED =
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
  private final List<Limit> limits = new ArrayList<>();

  /** What becomes of a token; empty: too many wait. */
  private volatile Optional<Outcome> verdict = Optional.of(new Outcome.Refused("no good"));

  private Undertow server;

  private final Tenants tenants =
      new Tenants(10, new TenantLimits(10, 10, 10, 10, new RateLimit(10, 10), 10), () -> 1);

  /** What sends away whoever waits to be let in. */
  private final BlockingQueue<Runnable> waiting = new LinkedBlockingQueue<>();

  private final class NobodyComesIn implements HandshakeHandler.Admission {
    @Override
    public Tenants.Entry enter(Principal principal) {
      return tenants.enter(principal.tenant(), principal.user());
    }

    @Override
    public void inTurn(Principal principal, Runnable comeIn, Runnable sendAway) {
      waiting.add(sendAway);
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
  void start() {
    server =
        Undertow.builder()
            .addHttpListener(0, "127.0.0.1")
            .setHandler(
                new HandshakeHandler(
                    (asker, token, answer) -> answer.accept(verdict),
                    List.of(),
                    false,
                    new NobodyComesIn(),
                    (channel, guest) -> {
                      throw new AssertionError("upgraded");
                    }))
            .build();
    server.start();
  }

  @AfterEach
  void end() {
    server.stop();
  }

  @Test
  void refusal_isTheOnlyAnswerOfItsConnection() throws Exception {
    String answers = answersTo(REFUSED + REFUSED);

    assertThat(answers).containsOnlyOnce("HTTP/1.1 401").contains("Connection: close");
    assertThat(answers).endsWith("{\"code\":\"unauthorized\",\"message\":\"no good\"}");
    assertThat(outcomes).containsExactly("refused_401");
  }

  @Test
  void tokenThatIsNotLookedAt_isForLater() throws Exception {
    verdict = Optional.empty();

    assertThat(answersTo(REFUSED))
        .containsOnlyOnce("HTTP/1.1 503")
        .contains("Retry-After: ", "\"code\":\"unavailable\"");
    assertThat(outcomes).containsExactly("refused_503");
    assertThat(limits).containsExactly(Limit.TOKENS);
  }

  @Test
  void whoIsSentAwayAfterAWhile_isForLater_andGivesTheSeatBack() throws Exception {
    UserId alice = new UserId("alice");
    verdict =
        Optional.of(
            new Outcome.Accepted(
                new Principal(
                    new TenantId("acme"), alice, 0, Long.MAX_VALUE, Permissions.ofUser(alice))));
    try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
      Future<String> answers = threads.submit(() -> answersTo(REFUSED));
      Runnable sendAway = waiting.take();
      assertThat(tenants.connections()).isEqualTo(1);
      sendAway.run();

      assertThat(answers.get())
          .containsOnlyOnce("HTTP/1.1 503")
          .contains("Retry-After: ", "\"code\":\"unavailable\"");
    }
    assertThat(tenants.connections()).isZero();
    assertThat(outcomes).containsExactly("refused_503");
  }

  private String answersTo(String requests) throws IOException {
    InetSocketAddress address =
        (InetSocketAddress) server.getListenerInfo().getFirst().getAddress();
    try (Socket client = new Socket(address.getAddress(), address.getPort())) {
      client.setSoTimeout(60_000);
      client.getOutputStream().write(requests.getBytes(ISO_8859_1));
      return new String(client.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }
}
