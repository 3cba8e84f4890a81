package io.lqrealtime.gateway.transport;

import java.net.InetSocketAddress;
import java.util.function.Consumer;

/**
 * Tells apart two peers that have not answered a ping: one that reads so slowly that the ping still
 * waits behind other bytes, and one that is gone. A write that the socket took says nothing of it:
 * the kernel holds megabytes for a peer.
 */
@FunctionalInterface
public interface SilentPeers {
  /** What is known of a peer. */
  enum Verdict {
    /** Bytes wait for it on this machine, and its machine answers: it reads slowly, or not now. */
    READS_SLOWLY,
    /** Bytes wait for it on this machine, and its machine has not answered for a while. */
    UNREACHABLE,
    /** Its machine has all that was sent, or there is no telling. */
    UNKNOWN
  }

  /**
   * Asks about the peer of an established connection. Never blocks.
   *
   * @param answer called once, within seconds, on any thread, this one too; must not block
   */
  void judge(InetSocketAddress local, InetSocketAddress peer, Consumer<Verdict> answer);

  /** For systems that don't tell. */
  static SilentPeers untold() {
    return (local, peer, answer) -> answer.accept(Verdict.UNKNOWN);
  }
}
