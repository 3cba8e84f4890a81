package io.lqrealtime.bench.attack;

import io.lqrealtime.bench.client.OutgoingFrames;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;

/** The {@link Script}s of the attacks that are made of frames. */
final class Scripts {

  private static final int CONTINUATION = 0;
  private static final int TEXT = 1;
  private static final byte[] PING = new byte[100];
  private static final byte[] NOTHING = new byte[0];

  /** Messages in the channel whose history is asked for: a full page. */
  private static final int HISTORY_MESSAGES = 1_000;

  private static final int PAYLOAD = 200;

  /** Of a channel that fills sockets. */
  private static final int LARGE_PAYLOAD = 2_000;

  /** Each asks for an error, and is read to its end to find that. */
  private static final List<String> INVALID =
      List.of(
          "this is no JSON at all, and it is as long as an ordinary frame would be",
          "{\"type\":\"nonsense\",\"id\":\"n\",\"channel\":\"c\",\"payload\":{\"n\":[1,2,3]}}",
          "{\"type\":\"publish\",\"id\":\"n\",\"payload\":{\"channel\":\"is missing\"}}",
          "{\"type\":\"subscribe\",\"id\":\"n\",\"channel\":\"no such name!\"}",
          "{\"type\":\"subscribe\",\"id\":\"n\",\"channel\":\"c\",\"since\":\"not a position\"}",
          "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[");

  private Scripts() {}

  /** The script of connection {@code number}, for bursts of this size. */
  static Script of(AttackPlan plan, int number, int size) {
    String own = plan.channelPrefix() + "." + number;
    String shared = plan.channelPrefix() + ".shared";
    return switch (plan.attack()) {
      case PUBLISH -> new Repeated(subscribe(own), filled(size, publish(own, PAYLOAD)));
      case FRAMES ->
          new Repeated(
              into -> {}, filled(size, (into, n) -> into.text(INVALID.get(n % INVALID.size()))));
      case PINGS -> new Repeated(into -> {}, filled(size, (into, _) -> into.ping(PING)));
      case FRAGMENTS ->
          new Repeated(
              into -> into.frame(false, TEXT, new byte[] {'"'}, 0, 1),
              filled(size, (into, _) -> into.frame(false, CONTINUATION, NOTHING, 0, 0)));
      case SUBSCRIBE -> new Churn(own, size);
      case HISTORY ->
          new Repeated(
              number == 0 ? times(HISTORY_MESSAGES, publish(shared, PAYLOAD)) : into -> {},
              filled(
                  size, (into, n) -> into.text(n % 4 == 3 ? presence(shared) : history(shared))));
      case SLOW ->
          number == 0
              ? new Repeated(into -> {}, filled(size, publish(shared, LARGE_PAYLOAD)))
              : new Silent(subscribe(shared));
      case CROWD -> new Repeated(subscribe(shared), filled(size, publish(shared, PAYLOAD)));
      case HANDSHAKES -> throw new IllegalArgumentException("a storm of handshakes has no frames");
    };
  }

  /** Adds frame {@code n} of a burst. */
  private interface Frame {
    void add(OutgoingFrames into, int n);
  }

  /** The same bytes again and again, built once: masking is a cost of the attacker's own. */
  private record Repeated(Consumer<OutgoingFrames> first, byte[] frames) implements Script {
    @Override
    public void hello(OutgoingFrames into) {
      first.accept(into);
    }

    @Override
    public void burst(OutgoingFrames into) {
      into.raw(frames);
    }
  }

  /** Subscribes, and reads nothing any more. */
  private record Silent(Consumer<OutgoingFrames> first) implements Script {
    @Override
    public void hello(OutgoingFrames into) {
      first.accept(into);
    }

    @Override
    public void burst(OutgoingFrames into) {}

    @Override
    public boolean reads() {
      return false;
    }
  }

  /** Channels that nobody has had before: one that was had a moment ago costs the service less. */
  private static final class Churn implements Script {
    private final String channels;
    private final int pairs;
    private long next;

    Churn(String prefix, int size) {
      channels = prefix + "." + Long.toString(System.nanoTime(), 36) + ".";
      pairs = Math.max(1, size / 2);
    }

    @Override
    public void hello(OutgoingFrames into) {}

    @Override
    public void burst(OutgoingFrames into) {
      for (int i = 0; i < pairs; i++) {
        String channel = channels + next++;
        subscribe(channel).accept(into);
        into.text("{\"type\":\"unsubscribe\",\"channel\":\"" + channel + "\"}");
      }
    }
  }

  private static Consumer<OutgoingFrames> subscribe(String channel) {
    return into -> into.text("{\"type\":\"subscribe\",\"channel\":\"" + channel + "\"}");
  }

  private static String presence(String channel) {
    return "{\"type\":\"presence\",\"id\":\"p\",\"channel\":\"" + channel + "\"}";
  }

  private static String history(String channel) {
    return "{\"type\":\"history\",\"id\":\"h\",\"channel\":\""
        + channel
        + "\",\"since\":\"earliest\",\"limit\":1000}";
  }

  /** Without an id: nobody asks for acks, and none is a repeat of another. */
  private static Frame publish(String channel, int payload) {
    String pad = "p".repeat(payload - "{\"pad\":\"\"}".length());
    byte[] frame =
        ("{\"type\":\"publish\",\"channel\":\""
                + channel
                + "\",\"payload\":{\"pad\":\""
                + pad
                + "\"}}")
            .getBytes(StandardCharsets.US_ASCII);
    return (into, _) -> into.text(frame, 0, frame.length);
  }

  private static Consumer<OutgoingFrames> times(int count, Frame frame) {
    return into -> {
      for (int n = 0; n < count; n++) {
        frame.add(into, n);
      }
    };
  }

  private static byte[] filled(int count, Frame frame) {
    OutgoingFrames frames = new OutgoingFrames();
    times(count, frame).accept(frames);
    return frames.bytes();
  }
}
