package io.lqrealtime.gateway.websocket;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The extension permessage-deflate (RFC 7692) as this server speaks it: with {@code
 * server_no_context_takeover} and {@code client_no_context_takeover}, so that each message is
 * deflated by itself. That costs some of the gain, and no memory for a connection; and a message
 * that goes to many is deflated once for all of them.
 *
 * <p>One of these serves all connections of an I/O thread that negotiated it. For one thread.
 */
public final class PerMessageDeflate {

  /** Told of what came and goes, deflated or not. On the I/O thread. */
  public interface Metrics {
    /** A text came in so many bytes that has so many. */
    void received(int wire, int plain);

    /** A frame goes out in so many bytes that would have had so many. */
    void sent(int wire, int plain);
  }

  /** What the server's answer says of the extension. */
  public static final String RESPONSE =
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

  private static final String NAME = "permessage-deflate";

  /** The window that zlib deflates with here, as a power of two; Java offers no other. */
  private static final String WINDOW_BITS = "15";

  private final FrameRules rules;
  private final MessageDeflater deflater;
  private final Metrics metrics;

  /**
   * @param minBytes a shorter text is sent as it is
   */
  public PerMessageDeflate(FrameLimits limits, int minBytes, Metrics metrics) {
    this.rules = new FrameRules(limits, new MessageInflater(limits.maxMessageBytes()));
    this.deflater = new MessageDeflater(minBytes);
    this.metrics = metrics;
  }

  /** By which a client is read from that negotiated it. */
  public FrameRules rules() {
    return rules;
  }

  /** The frame as such a client is to get it: deflated, or as it is if that is no gain. */
  public byte[] deflated(byte[] frame) {
    return deflater.deflated(frame);
  }

  /** Counts a frame that goes to such a client. */
  public void sent(int wire, int plain) {
    metrics.sent(wire, plain);
  }

  /** Counts a text of such a client. */
  public void received(int wire, int plain) {
    metrics.received(wire, plain);
  }

  /** Whether one of a client's offers can be taken. */
  static boolean isOffered(List<Extensions.Offer> offers) {
    return offers.stream().anyMatch(PerMessageDeflate::accepts);
  }

  /** Section 7: parameters that are unknown, come twice or have a bad value decline an offer. */
  private static boolean accepts(Extensions.Offer offer) {
    if (!offer.name().equals(NAME)) {
      return false;
    }
    Set<String> seen = new HashSet<>();
    for (Extensions.Parameter parameter : offer.parameters()) {
      boolean accepted =
          switch (parameter.name()) {
            case "server_no_context_takeover", "client_no_context_takeover" ->
                parameter.value().isEmpty();
            case "server_max_window_bits" ->
                parameter.value().filter(WINDOW_BITS::equals).isPresent();
            // How the client deflates is its own business: this server inflates with any window.
            case "client_max_window_bits" ->
                parameter.value().map(PerMessageDeflate::isWindow).orElse(true);
            default -> false;
          };
      if (!accepted || !seen.add(parameter.name())) {
        return false;
      }
    }
    return true;
  }

  private static boolean isWindow(String value) {
    return switch (value) {
      case "8", "9", "10", "11", "12", "13", "14", "15" -> true;
      default -> false;
    };
  }
}
