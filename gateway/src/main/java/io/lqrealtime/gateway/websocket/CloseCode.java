package io.lqrealtime.gateway.websocket;

/**
 * The close codes of RFC 6455 section 7.4 that the codec itself knows, and which numbers may stand
 * in a Close frame.
 */
public final class CloseCode {

  /** The purpose of the connection was fulfilled. */
  public static final int NORMAL = 1000;

  /** The peer broke the protocol. */
  public static final int PROTOCOL_ERROR = 1002;

  /** The peer sent a kind of data that is not accepted here. */
  public static final int UNSUPPORTED_DATA = 1003;

  /** Stands for a Close frame without a code; never on the wire. */
  public static final int NO_STATUS = 1005;

  /** The peer sent a text that is not UTF-8. */
  public static final int INVALID_PAYLOAD = 1007;

  /** The peer broke a rule of this service that has no code of its own. */
  public static final int POLICY_VIOLATION = 1008;

  /** The peer sent a message that is too big to be processed. */
  public static final int TOO_BIG = 1009;

  private CloseCode() {}

  /**
   * Whether an endpoint may put the number into a Close frame. By section 7.4 these are the codes
   * that the RFC and the IANA registry define for the wire (1000 to 1014 but for 1004, which is
   * reserved, and 1005 and 1006, which only name what happened) and those of libraries and
   * applications (3000 to 4999). 1015 and the rest up to 2999 are reserved, what is below 1000 is
   * not used, and nothing is defined from 5000.
   */
  public static boolean isAllowedOnWire(int code) {
    if (code >= 1000 && code <= 1014) {
      return code < 1004 || code > 1006;
    }
    return code >= 3000 && code <= 4999;
  }
}
