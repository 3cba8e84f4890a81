package io.lqrealtime.bench.client;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLContext;

/**
 * A socket that answers one upgrade and then plays a script: for bytes that no well-behaved server
 * sends.
 */
final class RawServer implements AutoCloseable {

  interface Script {
    void play(Peer peer) throws Exception;
  }

  /** The server's side of the one connection. */
  record Peer(InputStream in, OutputStream out, String key) {

    void accept() throws Exception {
      byte[] sha1 =
          MessageDigest.getInstance("SHA-1")
              .digest(
                  (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                      .getBytes(StandardCharsets.US_ASCII));
      send(
          "HTTP/1.1 101 Switching Protocols\r\n"
              + "upgrade: WebSocket\r\n"
              + "Connection: keep-alive, Upgrade\r\n"
              + "Sec-WebSocket-Accept: "
              + Base64.getEncoder().encodeToString(sha1)
              + "\r\n\r\n");
    }

    void send(String latin1) throws IOException {
      out.write(latin1.getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
    }

    void frame(int first, String body) throws IOException {
      out.write(bytesOf(first, body.getBytes(StandardCharsets.UTF_8)));
      out.flush();
    }

    static byte[] bytesOf(int first, byte[] body) {
      ByteArrayOutputStream frame = new ByteArrayOutputStream();
      frame.write(first);
      if (body.length < 126) {
        frame.write(body.length);
      } else {
        frame.write(126);
        frame.write(body.length >> 8);
        frame.write(body.length);
      }
      frame.writeBytes(body);
      return frame.toByteArray();
    }

    /** Reads a client's frame (short ones), and returns its first byte and unmasked body. */
    String readFrame() throws IOException {
      int first = in.read();
      int length = in.read() & 0x7f;
      byte[] mask = in.readNBytes(4);
      byte[] body = in.readNBytes(length);
      for (int i = 0; i < body.length; i++) {
        body[i] ^= mask[i % 4];
      }
      return Integer.toHexString(first) + " " + new String(body, StandardCharsets.ISO_8859_1);
    }
  }

  private final String scheme;
  private final ServerSocket listener;
  final CompletableFuture<String> played = new CompletableFuture<>();

  RawServer(Script script) throws IOException {
    this("ws", ServerSocketFactory.getDefault(), script);
  }

  /** One over TLS. */
  RawServer(SSLContext tls, Script script) throws IOException {
    this("wss", tls.getServerSocketFactory(), script);
  }

  private RawServer(String scheme, ServerSocketFactory sockets, Script script) throws IOException {
    this.scheme = scheme;
    listener = sockets.createServerSocket(0, 10, InetAddress.getLoopbackAddress());
    Thread.ofPlatform().daemon().name("raw-server").start(() -> serve(script));
  }

  URI uri() {
    return URI.create(scheme + "://127.0.0.1:" + listener.getLocalPort());
  }

  private void serve(Script script) {
    try (Socket socket = listener.accept()) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      StringBuilder head = new StringBuilder();
      while (!head.toString().endsWith("\r\n\r\n")) {
        head.append((char) in.read());
      }
      String key =
          head.toString()
              .lines()
              .filter(line -> line.startsWith("Sec-WebSocket-Key: "))
              .findFirst()
              .orElseThrow()
              .substring(19);
      script.play(new Peer(in, socket.getOutputStream(), key));
      played.complete(head.toString());
    } catch (Exception e) {
      played.completeExceptionally(e);
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
