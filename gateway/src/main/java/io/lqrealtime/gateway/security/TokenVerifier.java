package io.lqrealtime.gateway.security;

/**
 * Tells what a token is worth. Never blocks, since handshakes ask on I/O threads; safe for several
 * threads.
 */
@FunctionalInterface
public interface TokenVerifier {
  /** Longer tokens are refused unread. */
  int MAX_TOKEN_LENGTH = 8192;

  Outcome verify(String token);

  /** What came of it. */
  sealed interface Outcome {
    record Accepted(Principal principal) implements Outcome {}

    /**
     * Refused; the message tells a client's author what is wrong, and holds nothing of the token.
     */
    record Refused(String message) implements Outcome {}
  }
}
