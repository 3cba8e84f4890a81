package io.lqrealtime.bench.faults.client;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * All clients of a run: in each of some tenants two publishers, and subscribers of every temper.
 * The tenants' users, channels and ids have the same names, so that whatever is mixed up shows.
 */
public final class Crew implements AutoCloseable {
  private static final long TICK_MILLIS = 10;
  private static final List<String> ROOMS = List.of("room.1", "room.2", "room.3");
  private static final String BULK = "bulk";

  /** Everybody may subscribe to it, and no client publish on it. */
  private static final String FORBIDDEN = "tenant:news";

  private final Setting setting;
  private final List<String> tenants;
  private final Random random;
  private final Instant begun = Instant.now().truncatedTo(ChronoUnit.MILLIS);
  private final List<PublishingClient> publishers = new ArrayList<>();
  private final List<SubscribingClient> subscribers = new ArrayList<>();
  private final List<SubscribingClient> slow = new ArrayList<>();
  private final List<PagingClient> pagers = new ArrayList<>();
  private final Thread ticker;
  private volatile boolean ended;

  /**
   * @param tenants two publishers and five subscribers each
   * @param perSecond messages a second, all publishers together
   */
  public Crew(Setting setting, List<String> tenants, double perSecond, long seed) {
    this.setting = setting;
    this.tenants = List.copyOf(tenants);
    this.random = new Random(seed);
    for (String tenant : tenants) {
      for (int i = 1; i <= 2; i++) {
        publishers.add(
            new PublishingClient(
                setting,
                tenant + "-writer-" + i,
                tenant,
                "writer-" + i,
                random.nextLong(),
                ROOMS,
                FORBIDDEN,
                BULK,
                perSecond / tenants.size() / 2));
      }
      List<String> all = Stream.concat(ROOMS.stream(), Stream.of(BULK, FORBIDDEN)).toList();
      subscribe(tenant, "steady", SubscribingClient.Temper.STEADY, "", all);
      subscribe(tenant, "restless", SubscribingClient.Temper.RESTLESS, "", ROOMS);
      subscribe(tenant, "from-earliest", SubscribingClient.Temper.RESTLESS, "earliest", all);
      subscribe(tenant, "slow", SubscribingClient.Temper.SLOW, "", List.of(ROOMS.getFirst(), BULK));
      slow.add(subscribers.getLast());
    }
    this.ticker = Thread.ofPlatform().daemon().name("clients").unstarted(this::tickAlways);
  }

  private void subscribe(
      String tenant,
      String name,
      SubscribingClient.Temper temper,
      String since,
      List<String> channels) {
    subscribers.add(
        new SubscribingClient(
            setting, tenant + "-" + name, tenant, random.nextLong(), channels, temper, since));
  }

  /** Starts them, and waits until all subscriptions are there; false if they are not in time. */
  public boolean start(long withinMillis) throws InterruptedException {
    publishers.forEach(PublishingClient::hold);
    ticker.start();
    boolean there = awaitSubscribed(withinMillis);
    publishers.forEach(PublishingClient::goOn);
    return there;
  }

  private void tickAlways() {
    try {
      while (!ended) {
        tick();
        TimeUnit.MILLISECONDS.sleep(TICK_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void tick() {
    publishers.forEach(ReconnectingClient::tick);
    synchronized (subscribers) {
      subscribers.forEach(ReconnectingClient::tick);
      pagers.forEach(ReconnectingClient::tick);
    }
  }

  /** Waits until all subscribers are subscribed. */
  public boolean awaitSubscribed(long withinMillis) throws InterruptedException {
    return await(
        withinMillis, () -> subscribers.stream().allMatch(SubscribingClient::isSubscribed));
  }

  /** One tenant's slow reader reads nothing, while large messages come for it. */
  public void block(int tenant) {
    int at = Math.floorMod(tenant, tenants.size());
    slow.get(at).block();
    publishers.get(2 * at).bulk(60);
  }

  /** Ends what {@link #block} began. */
  public void unblock(int tenant) {
    int at = Math.floorMod(tenant, tenants.size());
    publishers.get(2 * at).bulk(0);
    slow.get(at).unblock();
  }

  /** The present number of acks, for anyone who waits for more. */
  public long acks() {
    return publishers.stream().mapToLong(PublishingClient::acks).sum();
  }

  /** Nobody brings about a break of its own any more, and nothing new is published. */
  public void calm() {
    publishers.forEach(PublishingClient::quieten);
    subscribers.forEach(SubscribingClient::calm);
  }

  /**
   * Publishes the last messages, and adds subscribers that want all there is, or all since some
   * moment of the run.
   */
  public void mark() {
    publishers.forEach(PublishingClient::mark);
    synchronized (subscribers) {
      for (String tenant : tenants) {
        subscribe(tenant, "latecomer", SubscribingClient.Temper.STEADY, "earliest", ROOMS);
        subscribe(tenant, "visitor", SubscribingClient.Temper.STEADY, someMoment(), ROOMS);
      }
    }
  }

  private String someMoment() {
    long millis = Duration.between(begun, Instant.now()).toMillis();
    return begun.plusMillis(random.nextLong(Math.max(1, millis))).toString();
  }

  /** Reads all history in pages; when nothing is published any more. */
  public void page() {
    synchronized (subscribers) {
      for (String tenant : tenants) {
        pagers.add(
            new PagingClient(setting, tenant + "-pager", tenant, random.nextLong(), ROOMS, 500));
      }
    }
  }

  public boolean awaitPages(long withinMillis) throws InterruptedException {
    return await(withinMillis, () -> pagers.stream().allMatch(PagingClient::isDone));
  }

  /** Waits until every message has its answer; false if that is not in time. */
  public boolean awaitAnswers(long withinMillis) throws InterruptedException {
    return await(
        withinMillis, () -> publishers.stream().allMatch(publisher -> publisher.unanswered() == 0));
  }

  private static boolean await(long withinMillis, BooleanSupplier condition)
      throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(withinMillis);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
    return true;
  }

  /** Ends all connections; the history has nothing of it. */
  @Override
  public void close() {
    ended = true;
    try {
      ticker.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    publishers.forEach(ReconnectingClient::stop);
    subscribers.forEach(ReconnectingClient::stop);
    pagers.forEach(ReconnectingClient::stop);
  }
}
