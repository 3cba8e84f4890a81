package io.lqrealtime.bench.client;

/** How a connection ended. */
public sealed interface Ending {

  /** What RFC 6455 calls 1006: there was no close frame to read a code from. */
  int ABNORMAL = 1006;

  /** The close code that a program sees, {@link #ABNORMAL} where the server sent none. */
  default int code() {
    return ABNORMAL;
  }

  /** The server answered the upgrade with another status than 101. */
  record Refused(HandshakeResponse response) implements Ending {
    @Override
    public String toString() {
      // What is no gateway may answer with a page.
      String line = response.body().strip().lines().findFirst().orElse("");
      return "refused with HTTP %d %s"
          .formatted(response.status(), line.substring(0, Math.min(200, line.length())))
          .strip();
    }
  }

  /**
   * No answer to the upgrade: nobody listens, no local port is free, the time was up, or it was not
   * HTTP.
   */
  record Unreachable(String reason) implements Ending {
    @Override
    public String toString() {
      return "not reached: " + reason;
    }
  }

  /** The server sent a close frame; 1005 where it had no code. */
  record ClosedByServer(int code, String reason) implements Ending {
    @Override
    public String toString() {
      return "closed by the server with " + code + (reason.isEmpty() ? "" : " " + reason);
    }
  }

  /** This side closed, with this code, or dropped the connection. */
  record ClosedHere(int code) implements Ending {
    @Override
    public String toString() {
      return "closed by this client with " + code;
    }
  }

  /** The TCP connection ended or broke without a close frame. */
  record Dropped(String reason) implements Ending {
    @Override
    public String toString() {
      return "dropped: " + reason;
    }
  }

  /**
   * The server broke RFC 6455 or a bound of {@link ClientOptions}; this side closed with the code.
   */
  record Violation(int code, String what) implements Ending {
    @Override
    public String toString() {
      return "closed by this client with " + code + ", since the server sent " + what;
    }
  }
}
