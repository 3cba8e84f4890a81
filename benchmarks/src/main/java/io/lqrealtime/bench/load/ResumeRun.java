package io.lqrealtime.bench.load;

import io.lqrealtime.bench.client.BlockingClient;
import io.lqrealtime.bench.client.HandshakeException;
import io.lqrealtime.bench.client.WebSocketClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.HdrHistogram.Histogram;

/**
 * Clients subscribe and go away; messages are published; the clients come back with the position
 * that they left at, and each is done when it is live again and has all that it missed. They come
 * back when the service has done with what was published: it is their return that is measured. The
 * {@link RunObserver} sees {@code windowOpens} before they come back and {@code windowCloses} when
 * all have caught up. For one thread, once.
 */
public final class ResumeRun {
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  /** A gateway refuses more than 10,000 a second of one connection, if it is not set otherwise. */
  private static final int PUBLISHED_A_SECOND = 8_000;

  /** Messages that go out at once, with one ack. */
  private static final int BATCH = 80;

  private static final int BATCHES_UNDER_WAY = 25;

  private static final Duration CALM = Duration.ofSeconds(5);

  private final ResumePlan plan;
  private final Targets targets;
  private final Targets others;
  private final Tokens tokens;
  private final ConnectPolicy policy;
  private final RunObserver observer;
  private final StopSignal stop;
  private final RunStats stats = new RunStats(ThreadLocalRandom.current().nextInt());

  /**
   * A run.
   *
   * @param targets of the clients that go and come back
   * @param others of the publishers, and of the pair of clients that stays
   */
  public ResumeRun(
      ResumePlan plan,
      Targets targets,
      Targets others,
      Tokens tokens,
      ConnectPolicy policy,
      RunObserver observer,
      StopSignal stop) {
    this.plan = plan;
    this.targets = targets;
    this.others = others;
    this.tokens = tokens;
    this.policy = policy;
    this.observer = observer;
    this.stop = stop;
  }

  /** Runs to the end or the {@link StopSignal}, and tells what was measured either way. */
  public ResumeResult run(WebSocketClient webSockets) {
    List<Resumer> all = resumers();
    ConnectResult first;
    ConnectResult back;
    Histogram calm;
    Histogram bystanders;
    try (webSockets;
        Bystander bystander = bystander(webSockets)) {
      Fleet fleet = new Fleet(webSockets, targets, tokens, policy);
      observer.phase("opening " + plan.connections() + " connections");
      first = fleet.open(openings(all), stop);
      depart(all);
      calm = calm(bystander);
      observer.phase("publishing " + plan.behind() + " messages on each channel");
      publish(webSockets);
      settle(bystander, calm);
      all.forEach(Resumer::returns);
      observer.phase("coming back");
      Histogram _ = bystander.take();
      observer.windowOpens();
      back = fleet.open(openings(all), stop);
      observer.windowCloses();
      bystanders = bystander.take();
      Fleet.close(all);
    } catch (HandshakeException e) {
      throw new RunException("the gateway can't be connected to: " + e.getMessage(), e);
    }
    return new ResumeResult(
        first,
        back,
        stop.isRaised(),
        (long) plan.behind() * plan.connections(),
        all.stream().mapToLong(Resumer::received).sum(),
        all.stream().mapToLong(Resumer::outOfOrder).sum(),
        stats.toldOfLoss.sum(),
        calm,
        bystanders,
        stats.errors.snapshot(),
        stats.endings.snapshot());
  }

  private void depart(List<Resumer> all) {
    switch (plan.departure()) {
      case Departure.Close _ -> Fleet.close(all);
      case Departure.Command command -> {
        observer.phase("ending their connections by: " + command.shell());
        all.forEach(Resumer::leaves);
        command.run();
        if (!Fleet.awaitEnd(all, Duration.ofMinutes(1))) {
          throw new RunException(
              "a minute after the command there are connections left: " + command.shell());
        }
      }
    }
  }

  /** What the others' latency is while nothing else happens. */
  private Histogram calm(Bystander bystander) {
    Histogram _ = bystander.take();
    boolean _ = stop.sleepUntil(System.nanoTime() + CALM.toNanos());
    return bystander.take();
  }

  /** Waits until the others feel nothing more of what was published. */
  private void settle(Bystander bystander, Histogram calm) {
    observer.phase("waiting until that is routed");
    long median = Math.max(3 * calm.getValueAtPercentile(50), 5_000_000);
    long end = System.nanoTime() + PATIENCE.toNanos();
    Histogram seen;
    do {
      if (stop.sleepUntil(System.nanoTime() + 1_000_000_000)) {
        return;
      }
      if (System.nanoTime() - end >= 0) {
        throw new RunException(
            "what was published is not routed after " + PATIENCE.toMinutes() + " minutes");
      }
      seen = bystander.take();
    } while (seen.getTotalCount() == 0 || seen.getValueAtPercentile(50) > median);
  }

  private Bystander bystander(WebSocketClient webSockets) throws HandshakeException {
    String token = tokens.of(plan.tenantOf(0), "bystander");
    return new Bystander(
        webSockets, others.request(0, token), plan.channelPrefix() + "." + run() + ".bystander");
  }

  private void publish(WebSocketClient webSockets) throws HandshakeException {
    String pad = "p".repeat(plan.payloadBytes());
    for (int tenant = 0; tenant < plan.tenants() && !stop.isRaised(); tenant++) {
      String token = tokens.of(plan.tenantOf(tenant), "publisher");
      try (BlockingClient client = BlockingClient.connect(webSockets, others.request(0, token))) {
        for (int channel = tenant; channel < plan.channels(); channel += plan.tenants()) {
          publish(client, channel, pad);
        }
      }
    }
  }

  /**
   * Batch by batch, and never more than so many ahead of their acks: what a gateway that was held
   * up has to take at once stays below what it takes of a connection in a second.
   */
  private void publish(BlockingClient client, int channel, String pad) {
    int underWay = 0;
    long due = System.nanoTime();
    for (int n = 0; n < plan.behind() && !stop.isRaised(); n++) {
      boolean endsBatch = (n + 1) % BATCH == 0 || n == plan.behind() - 1;
      client.send(frame(channel, n, endsBatch, pad));
      if (endsBatch) {
        underWay++;
        due = Math.max(due, System.nanoTime()) + BATCH * (1_000_000_000L / PUBLISHED_A_SECOND);
        boolean _ = stop.sleepUntil(due);
      }
      while (underWay > (n == plan.behind() - 1 ? 0 : BATCHES_UNDER_WAY)) {
        awaitAck(client);
        underWay--;
      }
    }
  }

  private static void awaitAck(BlockingClient client) {
    String ack = client.next(text -> !text.contains("\"welcome\""), PATIENCE);
    if (!ack.contains("\"ack\"")) {
      throw new RunException("a message was not taken: " + ack);
    }
  }

  /** Only a batch's last message asks for an ack: what is before it in the log is durable too. */
  private String frame(int channel, int n, boolean endsBatch, String pad) {
    String payload = "{\"n\":" + n + ",\"pad\":\"" + pad;
    return "{\"type\":\"publish\","
        + (endsBatch ? "\"id\":\"" + channel + "-" + n + "\"," : "")
        + "\"channel\":\""
        + channel(channel)
        + "\",\"payload\":"
        + payload.substring(0, plan.payloadBytes() - 2)
        + "\"}}";
  }

  private String channel(int number) {
    return plan.channelPrefix() + "." + run() + "." + number;
  }

  private String run() {
    return Integer.toUnsignedString(stats.run, 36);
  }

  private List<Resumer> resumers() {
    List<Resumer> all = new ArrayList<>(plan.connections());
    for (int i = 0; i < plan.connections(); i++) {
      int channel = i % plan.channels();
      all.add(new Resumer(stats, plan.tenantOf(channel), channel(channel), i, plan.behind()));
    }
    return all;
  }

  private static List<Fleet.Opening> openings(List<Resumer> resumers) {
    List<Fleet.Opening> openings = new ArrayList<>(resumers.size());
    for (int i = 0; i < resumers.size(); i++) {
      openings.add(new Fleet.Opening(resumers.get(i), i));
    }
    return openings;
  }
}
