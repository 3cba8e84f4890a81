package io.lqrealtime.gateway.websocket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The JDK's WebSocket client, written by others from the same RFC, against an echo made of this
 * codec.
 */
@Timeout(60)
class JdkClientInteropTest {

  private static final String TEXT = "κόσμε 😀 ".repeat(4_000);

  @Test
  void echo_ofEveryKindOfFrame_isUnderstoodByTheJdksClient() throws Exception {
    try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        HttpClient client = HttpClient.newHttpClient()) {
      CompletableFuture<Void> server =
          CompletableFuture.runAsync(() -> serveOne(listener), task -> new Thread(task).start());
      Heard heard = new Heard();
      WebSocket socket =
          client
              .newWebSocketBuilder()
              .subprotocols("other", "lq.v1")
              .buildAsync(URI.create("ws://127.0.0.1:" + listener.getLocalPort() + "/ws"), heard)
              .get(20, TimeUnit.SECONDS);

      assertThat(socket.getSubprotocol()).isEqualTo("lq.v1");
      socket.sendText("hello", true).get(20, TimeUnit.SECONDS);
      assertThat(heard.next()).isEqualTo("text hello");
      socket
          .sendPing(ByteBuffer.wrap("are you there".getBytes(ISO_8859_1)))
          .get(20, TimeUnit.SECONDS);
      assertThat(heard.next()).isEqualTo("pong are you there");
      socket.sendText("in ", false).get(20, TimeUnit.SECONDS);
      socket.sendText("", false).get(20, TimeUnit.SECONDS);
      socket.sendText("pieces", true).get(20, TimeUnit.SECONDS);
      assertThat(heard.next()).isEqualTo("text in pieces");
      socket.sendText(TEXT, true).get(20, TimeUnit.SECONDS);
      assertThat(heard.next()).isEqualTo("text " + TEXT);
      socket.sendClose(4000, "genug").get(20, TimeUnit.SECONDS);
      assertThat(heard.next()).isEqualTo("close 4000 genug");
      server.get(20, TimeUnit.SECONDS);
    }
  }

  private static void serveOne(ServerSocket listener) {
    try (Socket socket = listener.accept()) {
      OutputStream out = socket.getOutputStream();
      InputStream in = socket.getInputStream();
      List<String> lines = head(in);
      assertThat(lines.getFirst()).isEqualTo("GET /ws HTTP/1.1");
      Handshake.Result result = Handshake.check("GET", "HTTP/1.1", name -> values(lines, name));
      if (!(result instanceof Handshake.Accepted accepted)
          || !accepted.subprotocols().equals(List.of("other", "lq.v1"))) {
        throw new AssertionError(result + " for " + lines);
      }
      out.write(
          ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  + "Sec-WebSocket-Protocol: lq.v1\r\nSec-WebSocket-Accept: "
                  + accepted.accept()
                  + "\r\n\r\n")
              .getBytes(ISO_8859_1));
      FrameDecoder decoder =
          new FrameDecoder(FrameRules.plain(FrameLimits.defaults().withMaxMessageBytes(1 << 20)));
      Echo echo = new Echo(out);
      ByteBuffer buffer = ByteBuffer.allocate(4096);
      int count;
      while (!echo.closed && (count = in.read(buffer.array())) >= 0) {
        decoder.decode(buffer.clear().limit(count), echo);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int c = in.read();
      if (c < 0) {
        throw new IOException("ended within the head: " + head);
      }
      head.append((char) c);
    }
    return head.toString().lines().toList();
  }

  private static List<String> values(List<String> lines, String name) {
    List<String> values = new ArrayList<>();
    String prefix = name.toLowerCase(Locale.ROOT) + ":";
    for (String line : lines) {
      if (line.toLowerCase(Locale.ROOT).startsWith(prefix)) {
        values.add(line.substring(prefix.length()).strip());
      }
    }
    return values;
  }

  private static final class Echo implements FrameHandler {
    private final OutputStream out;
    private boolean closed;

    private Echo(OutputStream out) {
      this.out = out;
    }

    private void write(byte[] frame) {
      try {
        out.write(frame);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void onText(byte[] buffer, int offset, int length, int received) {
      write(FrameEncoder.text(buffer, offset, length));
    }

    @Override
    public void onPing(byte[] buffer, int offset, int length) {
      write(FrameEncoder.pong(buffer, offset, length));
    }

    @Override
    public void onPong(byte[] buffer, int offset, int length) {}

    @Override
    public void onClose(int code, String reason) {
      write(FrameEncoder.close(code, reason));
      closed = true;
    }

    @Override
    public void onViolation(Violation violation) {
      write(FrameEncoder.close(violation.closeCode(), violation.reason()));
      closed = true;
    }
  }

  private static final class Heard implements WebSocket.Listener {
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private final StringBuilder text = new StringBuilder();

    private String next() throws InterruptedException {
      String event = events.poll(20, TimeUnit.SECONDS);
      return event == null ? "nothing within 20 s" : event;
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        events.add("text " + text);
        text.setLength(0);
      }
      socket.request(1);
      return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
      events.add("pong " + ISO_8859_1.decode(message));
      socket.request(1);
      return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      events.add("close " + code + " " + reason);
      return CompletableFuture.completedStage(null);
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      events.add("error " + error);
    }
  }
}
