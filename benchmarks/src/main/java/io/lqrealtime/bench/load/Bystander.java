package io.lqrealtime.bench.load;

import io.lqrealtime.bench.client.BlockingClient;
import io.lqrealtime.bench.client.ConnectRequest;
import io.lqrealtime.bench.client.HandshakeException;
import io.lqrealtime.bench.client.NoFrameException;
import io.lqrealtime.bench.client.WebSocketClient;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * A pair of clients that are in nobody's way: one publishes 100 messages a second, the other takes
 * the time until each has come. What they feel of a load is what all others feel of it.
 */
final class Bystander implements AutoCloseable {
  private static final long PACE_NANOS = 10_000_000;

  private final BlockingClient publisher;
  private final BlockingClient subscriber;
  private final String publish;
  private final Latencies latencies = new Latencies();
  private final Thread sending;
  private final Thread receiving;
  private volatile boolean stopped;

  Bystander(WebSocketClient webSockets, ConnectRequest request, String channel)
      throws HandshakeException {
    this.publish =
        "{\"type\":\"publish\",\"channel\":\"" + channel + "\",\"payload\":{\"sent\":%d}}";
    this.publisher = BlockingClient.connect(webSockets, request);
    this.subscriber = BlockingClient.connect(webSockets, request);
    subscriber.send("{\"type\":\"subscribe\",\"channel\":\"" + channel + "\"}");
    subscriber.next(text -> text.contains("\"subscribed\""), Duration.ofSeconds(30));
    this.sending = Thread.ofPlatform().daemon().name("bystander-publisher").start(this::send);
    this.receiving = Thread.ofPlatform().daemon().name("bystander").start(this::receive);
  }

  private void send() {
    long due = System.nanoTime();
    try {
      while (!stopped) {
        // Due times, so that what holds the sender up counts as latency too.
        publisher.send(publish.formatted(due));
        due += PACE_NANOS;
        LockSupport.parkNanos(due - System.nanoTime());
      }
    } catch (NoFrameException e) {
      // The connection has ended; the histogram shows how little has come.
    }
  }

  private void receive() {
    while (!stopped) {
      Optional<String> text = subscriber.poll(Duration.ofMillis(200));
      if (text.isPresent()) {
        int at = text.get().indexOf("{\"sent\":");
        if (at >= 0) {
          long sent = Long.parseLong(text.get().substring(at + 8, text.get().length() - 2));
          latencies.add(System.nanoTime() - sent);
        }
      } else if (subscriber.ending().isPresent()) {
        return;
      }
    }
  }

  /** What has been seen since the last call. */
  Histogram take() {
    return latencies.take();
  }

  @Override
  public void close() {
    stopped = true;
    publisher.close();
    subscriber.close();
    sending.interrupt();
    receiving.interrupt();
  }
}
