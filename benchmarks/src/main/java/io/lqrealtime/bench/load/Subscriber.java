package io.lqrealtime.bench.load;

import io.lqrealtime.bench.client.Connection;
import io.lqrealtime.bench.client.FrameFields;
import org.jspecify.annotations.Nullable;

/**
 * A connection with one subscription, that keeps account of every publisher of its channel. A
 * silent one reads nothing once it is subscribed, until it is told to: what comes then is accounted
 * for, and in no latency. Its trackers are the selector thread's; read them when that has ended.
 */
final class Subscriber extends LoadClient {

  private final PublishPlan.Route route;
  private final @Nullable SequenceTracker[] trackers;
  private volatile boolean silent;
  private final boolean unmeasured;
  private boolean live;

  Subscriber(RunStats stats, PublishPlan.Route route, int number, boolean silent) {
    super(stats, route.tenant(), "sub-" + number);
    this.route = route;
    this.silent = silent;
    this.unmeasured = silent;
    trackers = new SequenceTracker[route.publishers()];
  }

  @Override
  void welcomed(Connection from) {
    live = false;
    from.sendText("{\"type\":\"subscribe\",\"id\":\"s\",\"channel\":\"" + route.channel() + "\"}");
  }

  @Override
  void subscribed(FrameFields fields) {
    if (live && fields.notRecovered()) {
      stats.toldOfLoss.increment();
    }
    live = true;
    Connection subscribed = connection();
    if (silent && subscribed != null) {
      subscribed.pauseReading();
    }
    ready();
  }

  /** A sign of life, of which the answer is not read either. */
  void ping() {
    Connection open = connection();
    if (silent && open != null) {
      open.sendText("{\"type\":\"ping\"}");
    }
  }

  /** It reads from now on. */
  void reads() {
    Connection open = connection();
    if (silent && open != null) {
      silent = false;
      open.resumeReading();
    }
  }

  @Override
  void message(Scratch scratch, byte[] bytes, int end) {
    long now = System.nanoTime();
    Stamp stamp = scratch.stamp;
    int payload = scratch.fields.payloadStart();
    if (!PublishTemplate.readStamp(bytes, payload, end, stamp)) {
      stats.malformed.increment();
      return;
    }
    int slot = route.slotOf(stamp.publisher());
    if (stamp.run() != stats.run || slot < 0) {
      stats.foreign.increment();
      return;
    }
    if (tracker(slot).record(stamp.sequence()) != SequenceTracker.Arrival.DUPLICATE) {
      stats.delivered.increment();
      if (unmeasured) {
        return;
      }
      stats.at(now).delivered.increment();
      long age = stamp.age(now);
      stats.at(now - age).deliveries.add(age);
    }
  }

  private SequenceTracker tracker(int slot) {
    SequenceTracker tracker = trackers[slot];
    if (tracker == null) {
      tracker = new SequenceTracker();
      trackers[slot] = tracker;
    }
    return tracker;
  }

  PublishPlan.Route route() {
    return route;
  }

  SubscriptionResult result(PublishersOutcome outcome) {
    long expected = 0;
    long received = 0;
    long lost = 0;
    long duplicated = 0;
    long late = 0;
    for (int slot = 0; slot < trackers.length; slot++) {
      SequenceTracker tracker = tracker(slot);
      int publisher = route.publisherAt(slot);
      expected += outcome.acked(publisher);
      received += tracker.unique();
      lost += tracker.lost(outcome.sent(publisher), outcome.notAcked(publisher));
      duplicated += tracker.duplicates();
      late += tracker.late();
    }
    return new SubscriptionResult(
        user(), route.channel(), expected, received, lost, duplicated, late);
  }

  /** What became of each publisher's messages, by the publisher's own account. */
  interface PublishersOutcome {
    long sent(int publisher);

    long acked(int publisher);

    Intervals notAcked(int publisher);
  }
}
