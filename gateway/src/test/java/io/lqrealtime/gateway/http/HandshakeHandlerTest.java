package io.lqrealtime.gateway.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.gateway.limit.Limit;
import io.lqrealtime.gateway.security.Principal;
import io.lqrealtime.gateway.security.TokenVerifier.Outcome;
import io.lqrealtime.gateway.tenant.Tenants;
import io.undertow.Undertow;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

  private final class NobodyComesIn implements HandshakeHandler.Admission {
    @Override
    public Tenants.Entry enter(Principal principal) {
      throw new AssertionError("let in: " + principal);
    }

    @Override
    public boolean inTurn(Principal principal, Runnable comeIn) {
      throw new AssertionError("let in: " + principal);
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
                    (token, answer) -> answer.accept(verdict),
                    List.of(),
                    new NobodyComesIn(),
                    (channel, principal, seat) -> {
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
