package io.lqrealtime.gateway.websocket;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

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

    /** A frame goes out with so many bytes that would have had so many. */
    void sent(int wire, int plain);

    /** A frame goes out as it is because deflating has taken its share of the thread's time. */
    void skipped();

    /** Clients are not read from for a while because inflating has taken its share of it. */
    void paused();
  }

  private static final String ANSWER =
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

  private static final String NAME = "permessage-deflate";
  private static final String SERVER_WINDOW = "server_max_window_bits";

  /** The window that zlib deflates with here, as a power of two; Java offers no other. */
  private static final String WINDOW_BITS = "15";

  private final FrameRules rules;
  private final MessageInflater inflater;
  private final MessageDeflater deflater;
  private final Metrics metrics;

  /**
   * @param minBytes a shorter text is sent as it is
   * @param nanos a clock that only rises
   */
  public PerMessageDeflate(FrameLimits limits, int minBytes, LongSupplier nanos, Metrics metrics) {
    this.inflater = new MessageInflater(limits.maxMessageBytes(), nanos);
    this.rules = new FrameRules(limits, inflater);
    this.deflater = new MessageDeflater(minBytes, nanos, metrics::skipped);
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

  /**
   * The time that inflating has taken since this was asked the last time: a few bytes may take
   * milliseconds, so that whose messages these were is to make up for it.
   */
  public long inflatingNanos() {
    return inflater.takenNanos();
  }

  /** Counts that clients have to wait for that. */
  public void paused() {
    metrics.paused();
  }

  /** What to answer to a client's offers; empty if none of them can be taken. */
  static Optional<String> answer(List<Extensions.Offer> offers) {
    return offers.stream()
        .filter(PerMessageDeflate::accepts)
        .findFirst()
        .map(
            offer ->
                // Section 7.1.2.1: who asks for a window is told which one it gets.
                offer.parameters().stream().anyMatch(p -> p.name().equals(SERVER_WINDOW))
                    ? ANSWER + "; " + SERVER_WINDOW + "=" + WINDOW_BITS
                    : ANSWER);
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
            case SERVER_WINDOW -> parameter.value().filter(WINDOW_BITS::equals).isPresent();
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
