package io.lqrealtime.gateway.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.undertow.Undertow;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnreadContentTest {
  private static final String ANSWER = "none of it was read";
  private Undertow server;
  private Socket client;

  @BeforeEach
  void start() throws Exception {
    server =
        Undertow.builder()
            .addHttpListener(0, "127.0.0.1")
            .setHandler(
                new UnreadContent(
                    exchange -> exchange.getResponseSender().send(ANSWER),
                    Duration.ofMillis(200),
                    () -> {}))
            .build();
    server.start();
    InetSocketAddress address =
        (InetSocketAddress) server.getListenerInfo().getFirst().getAddress();
    client = new Socket(address.getAddress(), address.getPort());
    // Far beyond any wait here: what does not end fails the test.
    client.setSoTimeout(60_000);
  }

  @AfterEach
  void end() throws Exception {
    client.close();
    server.stop();
  }

  private void say(String text) throws IOException {
    client.getOutputStream().write(text.getBytes(ISO_8859_1));
  }

  private String everythingToTheEnd() throws IOException {
    return new String(client.getInputStream().readAllBytes(), ISO_8859_1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Content-Length: 5", "Transfer-Encoding: chunked"})
  void contentThatDoesNotCome_isNotWaitedForWithoutEnd(String announced) throws Exception {
    say("POST / HTTP/1.1\r\nHost: a\r\n" + announced + "\r\n\r\n");
    assertThat(everythingToTheEnd()).endsWith(ANSWER);
  }

  @Test
  void contentThatComes_endsTheConnectionAfterTheAnswer() throws Exception {
    say("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
    assertThat(everythingToTheEnd()).contains("Connection: close").endsWith(ANSWER);
  }

  @Test
  void requestWithoutContent_keepsItsConnectionPastThatTime() throws Exception {
    String request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    say(request);
    readAnswer();
    // A request with content on another connection, made later, has its time over by then.
    try (Socket other = new Socket(client.getInetAddress(), client.getPort())) {
      other.setSoTimeout(60_000);
      other
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n".getBytes(ISO_8859_1));
      other.getInputStream().readAllBytes();
    }
    say(request);
    assertThat(readAnswer()).endsWith(ANSWER);
  }

  private String readAnswer() throws IOException {
    StringBuilder answer = new StringBuilder();
    while (answer.indexOf(ANSWER) < 0) {
      answer.append((char) client.getInputStream().read());
    }
    return answer.toString();
  }
}
