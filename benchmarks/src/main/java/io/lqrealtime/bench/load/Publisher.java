package io.lqrealtime.bench.load;

import io.lqrealtime.bench.client.Connection;
import io.lqrealtime.bench.client.OutgoingFrames;
import io.lqrealtime.bench.client.SendOutcome;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A connection that publishes numbered messages and keeps account of their acks.
 *
 * <p>Messages are offered by one thread: the schedule's, or (if it keeps a {@link #window}) the
 * connection's selector thread. The account of acks is the selector thread's; read it when that has
 * ended.
 */
final class Publisher extends LoadClient {

  /** After an error a closed loop pauses, or it would do nothing but collect errors. */
  private static final long PAUSE_NANOS = 100_000_000;

  private final int number;
  private final PublishTemplate template;
  private final OutgoingFrames frames = new OutgoingFrames();
  private final SequenceTracker acks = new SequenceTracker();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong ackCount = new AtomicLong();
  private final AtomicLong answered = new AtomicLong();

  private volatile int window;
  private int offered;
  private long pausedUntil = System.nanoTime();

  Publisher(RunStats stats, PublishPlan.Route route, int number, int payloadBytes) {
    super(stats, route.tenant(), "pub-" + number);
    this.number = number;
    template = new PublishTemplate(route.channel(), payloadBytes);
  }

  @Override
  void welcomed(Connection from) {
    ready();
  }

  /**
   * Sends messages that were due at this moment, in one write. On {@link SendOutcome#FULL} nothing
   * was sent: offer the same again, so that no message leaves the schedule.
   */
  SendOutcome offer(long dueNanos, int count) {
    Connection to = connection();
    if (to == null) {
      return SendOutcome.NOT_OPEN;
    }
    long first = sent.get();
    if (frames.isEmpty()) {
      for (int i = 0; i < count; i++) {
        byte[] frame = template.stamped(stats.run, number, first + i, dueNanos);
        frames.text(frame, 0, frame.length);
      }
      offered = count;
    }
    SendOutcome outcome = to.send(frames);
    if (outcome.taken()) {
      sent.set(first + offered);
      stats.sent.add(offered);
      stats.at(System.nanoTime()).sent.add(offered);
    }
    return outcome;
  }

  /** Keeps this many messages unanswered from now on, by the selector thread; 0 to stop. */
  void window(int messages) {
    window = messages;
    nudge();
  }

  /** Has a closed loop go on that was held up by a full socket or an error. */
  void nudge() {
    Connection to = connection();
    if (to != null && window > 0) {
      to.execute(this::fill);
    }
  }

  private void fill() {
    int room = (int) (window - outstanding());
    long now = System.nanoTime();
    if (room > 0 && now - pausedUntil >= 0) {
      offer(now, room);
    }
  }

  @Override
  public void readComplete(Connection from) {
    if (window > 0) {
      fill();
    }
  }

  @Override
  void acked(Scratch scratch, byte[] bytes, int end) {
    long now = System.nanoTime();
    Stamp stamp = scratch.stamp;
    if (!ownStamp(scratch, bytes, end)) {
      stats.foreign.increment();
      return;
    }
    if (acks.record(stamp.sequence()) == SequenceTracker.Arrival.DUPLICATE) {
      stats.errors.add("(acked twice)");
      return;
    }
    answered.incrementAndGet();
    ackCount.incrementAndGet();
    stats.acked.increment();
    stats.at(now).acked.increment();
    long age = stamp.age(now);
    stats.at(now - age).acks.add(age);
  }

  @Override
  void failed(Scratch scratch, byte[] bytes, int end) {
    if (ownStamp(scratch, bytes, end)) {
      answered.incrementAndGet();
    }
    pausedUntil = System.nanoTime() + PAUSE_NANOS;
  }

  private boolean ownStamp(Scratch scratch, byte[] bytes, int end) {
    Stamp stamp = scratch.stamp;
    return scratch.fields.idLength() == Stamp.LENGTH
        && stamp.read(bytes, scratch.fields.idStart(), end)
        && stamp.run() == stats.run
        && stamp.publisher() == number;
  }

  /** Sent, and neither acked nor refused yet. */
  long outstanding() {
    return sent.get() - answered.get();
  }

  /** Whether an answer may still come. */
  boolean expectsAnswer() {
    Connection to = connection();
    return outstanding() > 0 && to != null && to.isOpen();
  }

  long sent() {
    return sent.get();
  }

  long ackCount() {
    return ackCount.get();
  }

  /** The messages that have no ack; after the selector thread has ended. */
  Intervals notAcked() {
    return acks.missingBelow(sent.get());
  }

  int number() {
    return number;
  }
}
