package io.lqrealtime.bench.client;

import java.time.Duration;
import java.util.OptionalInt;

/**
 * The bounds of a {@link WebSocketClient}.
 *
 * @param threads selector threads; connections are spread over them in turn (1 to 64)
 * @param handshakeTimeout from the start of the TCP connect to the server's answer
 * @param closeTimeout how long a connection that has sent its close frame waits for the server to
 *     end the TCP connection
 * @param maxMessageBytes a longer message, whole or in fragments, ends the connection with 1009
 * @param maxQueuedBytes bytes that a connection keeps for a server that does not read; past them
 *     {@link Connection#sendText} answers {@link SendOutcome#FULL}
 * @param readBufferBytes what one read takes at most; one such buffer a thread, shared by its
 *     connections
 * @param receiveBufferBytes what the kernel is to keep of what is not read; empty: what it sees
 *     fit, which is megabytes
 */
public record ClientOptions(
    int threads,
    Duration handshakeTimeout,
    Duration closeTimeout,
    int maxMessageBytes,
    int maxQueuedBytes,
    int readBufferBytes,
    OptionalInt receiveBufferBytes) {

  public ClientOptions {
    within("threads", threads, 1, 64);
    within("maxMessageBytes", maxMessageBytes, 125, 256 << 20);
    within("maxQueuedBytes", maxQueuedBytes, 1 << 10, 256 << 20);
    within("readBufferBytes", readBufferBytes, 1 << 10, 16 << 20);
    positive("handshakeTimeout", handshakeTimeout);
    positive("closeTimeout", closeTimeout);
  }

  /**
   * One thread, 10 s for a handshake, 1 s for a close, messages to 16 MiB, 1 MiB queued, reads of
   * 128 KiB.
   */
  public static ClientOptions defaults() {
    return new ClientOptions(
        1,
        Duration.ofSeconds(10),
        Duration.ofSeconds(1),
        16 << 20,
        1 << 20,
        128 << 10,
        OptionalInt.empty());
  }

  public ClientOptions withThreads(int count) {
    return new ClientOptions(
        count,
        handshakeTimeout,
        closeTimeout,
        maxMessageBytes,
        maxQueuedBytes,
        readBufferBytes,
        receiveBufferBytes);
  }

  public ClientOptions withHandshakeTimeout(Duration timeout) {
    return new ClientOptions(
        threads,
        timeout,
        closeTimeout,
        maxMessageBytes,
        maxQueuedBytes,
        readBufferBytes,
        receiveBufferBytes);
  }

  public ClientOptions withMaxMessageBytes(int bytes) {
    return new ClientOptions(
        threads,
        handshakeTimeout,
        closeTimeout,
        bytes,
        maxQueuedBytes,
        readBufferBytes,
        receiveBufferBytes);
  }

  public ClientOptions withReceiveBufferBytes(int bytes) {
    return new ClientOptions(
        threads,
        handshakeTimeout,
        closeTimeout,
        maxMessageBytes,
        maxQueuedBytes,
        readBufferBytes,
        OptionalInt.of(bytes));
  }

  private static void within(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          name + " must be " + least + " to " + most + ", not " + value);
    }
  }

  private static void positive(String name, Duration value) {
    if (value.isNegative() || value.isZero() || value.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException(name + " must be above 0 and at most 1 h, not " + value);
    }
  }
}
