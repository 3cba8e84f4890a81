package io.lqrealtime.bench.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * TLS over a socket, on the client's side: the server's certificate has to be one that the context
 * trusts, and made for the host that was asked for (RFC 9110 section 4.3.4). The handshake is made
 * by the first reads and writes.
 *
 * <p>Between calls it keeps the part of a record that has come, and what the socket did not take:
 * nothing, for an idle connection.
 *
 * <p>It does not say goodbye with a close_notify: what ends a WebSocket is its own closing
 * handshake, which nobody can cut off unseen.
 */
final class TlsWire implements Wire {

  /** Of the network's bytes: a few records. What they hold is less, so that it has room. */
  private static final ThreadLocal<ByteBuffer> INCOMING =
      ThreadLocal.withInitial(() -> ByteBuffer.allocate(LEAST_ROOM));

  private static final ThreadLocal<ByteBuffer> OUTGOING =
      ThreadLocal.withInitial(() -> ByteBuffer.allocate(LEAST_ROOM));

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final SocketChannel channel;
  private final SSLEngine engine;

  // Guarded by this.
  private byte @Nullable [] partOfRecord;
  private @Nullable ByteBuffer unsent;
  private boolean established;
  private boolean ended;

  /**
   * @param host as it was asked for: what the certificate has to be for
   */
  TlsWire(SocketChannel channel, SSLContext context, String host, int port) throws SSLException {
    this.channel = channel;
    this.engine = context.createSSLEngine(host, port);
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    engine.setSSLParameters(parameters);
    engine.beginHandshake();
  }

  @Override
  public synchronized int read(ByteBuffer into) throws IOException {
    int start = into.position();
    ByteBuffer incoming = INCOMING.get().clear();
    if (partOfRecord != null) {
      incoming.put(partOfRecord);
      partOfRecord = null;
    }
    boolean socketEnded = channel.read(incoming) < 0;
    incoming.flip();
    try {
      unwrap(incoming, into);
    } catch (SSLException e) {
      tellWhy(e);
      throw e;
    }
    if (incoming.hasRemaining()) {
      byte[] rest = new byte[incoming.remaining()];
      incoming.get(rest);
      partOfRecord = rest;
    }
    int read = into.position() - start;
    return read == 0 && (socketEnded || ended) ? -1 : read;
  }

  private void unwrap(ByteBuffer incoming, ByteBuffer into) throws IOException {
    while (!ended) {
      SSLEngineResult result = engine.unwrap(incoming, into);
      goOn(result);
      switch (result.getStatus()) {
        case BUFFER_UNDERFLOW -> {
          return;
        }
        case CLOSED -> ended = true;
        case BUFFER_OVERFLOW ->
            throw new IllegalStateException("no room for a record: " + into.remaining());
        case OK -> {
          boolean moved = result.bytesConsumed() > 0 || result.bytesProduced() > 0;
          if (!incoming.hasRemaining() || !moved) {
            return;
          }
        }
      }
    }
  }

  @Override
  public synchronized int write(ByteBuffer bytes) throws IOException {
    advance();
    int consumed = 0;
    while (established && unsent == null && bytes.hasRemaining()) {
      SSLEngineResult result = wrap(bytes);
      if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
        throw new SSLException("the peer has ended TLS");
      }
      consumed += result.bytesConsumed();
      goOn(result);
    }
    return consumed;
  }

  @Override
  public synchronized boolean holdsUnsent() {
    return unsent != null;
  }

  @Override
  public synchronized boolean waitsForPeer() {
    return !established && unsent == null;
  }

  private void goOn(SSLEngineResult result) throws IOException {
    if (result.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.FINISHED) {
      established = true;
    }
    advance();
  }

  /** Does of a handshake what can be done without reading: the first one, and new keys later. */
  private void advance() throws IOException {
    while (sendUnsent()) {
      switch (engine.getHandshakeStatus()) {
        case NEED_TASK -> {
          for (Runnable task = engine.getDelegatedTask();
              task != null;
              task = engine.getDelegatedTask()) {
            task.run();
          }
        }
        case NEED_WRAP -> {
          SSLEngineResult result = wrap(NOTHING);
          if (result.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.FINISHED) {
            established = true;
          }
          if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
            return;
          }
        }
        default -> {
          return;
        }
      }
    }
  }

  private SSLEngineResult wrap(ByteBuffer bytes) throws IOException {
    ByteBuffer outgoing = OUTGOING.get().clear();
    SSLEngineResult result = engine.wrap(bytes, outgoing);
    outgoing.flip();
    channel.write(outgoing);
    if (outgoing.hasRemaining()) {
      unsent = ByteBuffer.allocate(outgoing.remaining()).put(outgoing).flip();
    }
    return result;
  }

  /** Whether nothing is left. */
  private boolean sendUnsent() throws IOException {
    ByteBuffer waiting = unsent;
    if (waiting != null) {
      channel.write(waiting);
      if (waiting.hasRemaining()) {
        return false;
      }
      unsent = null;
    }
    return true;
  }

  /** The alert that goes with a failure, so that the server's log has the reason too. */
  private void tellWhy(SSLException failure) {
    try {
      advance();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }
}
