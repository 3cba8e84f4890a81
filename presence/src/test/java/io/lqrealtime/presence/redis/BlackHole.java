package io.lqrealtime.presence.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * A TCP proxy that can lose what goes over its present connections without closing them, as a
 * network does from which a peer has vanished (later connections are fine); that can be cut,
 * whereupon all connections end and no more are made until it is mended; and that can hold back a
 * command.
 */
final class BlackHole implements AutoCloseable {
  private final ServerSocket listener;
  private final int target;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private volatile boolean cut;
  private volatile Optional<Held> held = Optional.empty();
  private volatile AtomicBoolean lost = new AtomicBoolean();

  BlackHole(int target) throws IOException {
    this.target = target;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  void swallow() {
    AtomicBoolean present = lost;
    lost = new AtomicBoolean();
    present.set(true);
  }

  /** What begins with a command that has this text is held back until it is let go. */
  Held hold(String text) {
    Held next = new Held(text, new CountDownLatch(1), new CountDownLatch(1));
    held = Optional.of(next);
    return next;
  }

  /** A command that is held back. */
  record Held(String text, CountDownLatch came, CountDownLatch released) {
    void awaitCommand() throws InterruptedException {
      assertThat(came.await(20, TimeUnit.SECONDS)).isTrue();
    }

    void letGo() {
      released.countDown();
    }

    private void pass(String request) {
      if (request.contains(text) && came.getCount() > 0) {
        came.countDown();
        try {
          released.await();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }

  void cut() throws IOException {
    cut = true;
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  void mend() {
    cut = false;
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        if (cut) {
          client.close();
          continue;
        }
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        sockets.addAll(List.of(client, server));
        AtomicBoolean ofThis = lost;
        Thread.ofVirtual().start(() -> copy(client, server, ofThis, this::passes));
        Thread.ofVirtual().start(() -> copy(server, client, ofThis, answer -> {}));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void passes(String request) {
    held.ifPresent(command -> command.pass(request));
  }

  private static void copy(Socket from, Socket to, AtomicBoolean lost, Consumer<String> before) {
    byte[] buffer = new byte[8_192];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        if (!lost.get()) {
          before.accept(new String(buffer, 0, read, StandardCharsets.UTF_8));
          out.write(buffer, 0, read);
        }
      }
    } catch (IOException e) {
      // The other direction, or the test, closed it.
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
      for (Socket socket : sockets) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
