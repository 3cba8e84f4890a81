package io.lqrealtime.bench.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * A connected socket that does not block, plain or under TLS. One thread reads, any may write: an
 * implementation sees to it that they do not meet.
 */
interface Wire {

  /**
   * Takes what the socket has, to the end of the buffer. Needs room for {@link #LEAST_ROOM} bytes.
   *
   * @return how many bytes; -1 once the peer has ended
   */
  int read(ByteBuffer into) throws IOException;

  /** Writes of it what the socket takes now, after what is unsent of earlier writes. */
  int write(ByteBuffer bytes) throws IOException;

  /**
   * Whether something written before waits for the socket: a write, of nothing too, takes it on.
   */
  boolean holdsUnsent();

  /** Whether a write takes nothing before something has been read: a handshake is under way. */
  boolean waitsForPeer();

  /** What a read may need room for. */
  int LEAST_ROOM = 1 << 16;

  /** The socket as it is. */
  record Plain(SocketChannel channel) implements Wire {
    @Override
    public int read(ByteBuffer into) throws IOException {
      return channel.read(into);
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      return channel.write(bytes);
    }

    @Override
    public boolean holdsUnsent() {
      return false;
    }

    @Override
    public boolean waitsForPeer() {
      return false;
    }
  }
}
