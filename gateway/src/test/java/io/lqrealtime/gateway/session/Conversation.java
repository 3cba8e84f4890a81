package io.lqrealtime.gateway.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lqrealtime.frame.CloseReason;
import io.lqrealtime.frame.ErrorCode;
import io.lqrealtime.gateway.limit.Limit;
import io.lqrealtime.gateway.limit.RateLimit;
import io.lqrealtime.gateway.security.Permissions;
import io.lqrealtime.gateway.security.Principal;
import io.lqrealtime.gateway.security.TokenVerifier.Outcome;
import io.lqrealtime.gateway.tenant.Tenant;
import io.lqrealtime.gateway.tenant.TenantLimits;
import io.lqrealtime.gateway.tenant.Tenants;
import io.lqrealtime.gateway.websocket.FrameEncoder;
import io.lqrealtime.id.Channel;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.LogId;
import io.lqrealtime.id.Place;
import io.lqrealtime.id.Region;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A session with everything around it in the test's hand: what the client sends and gets, the I/O
 * thread's tasks, which run when the test says so, and what Kafka and presence answer.
 */
final class Conversation implements ClientLink, Publisher, ChannelPresence, IoThread {
  static final TenantId ACME = new TenantId("acme");
  static final UserId ALICE = new UserId("alice");
  static final LogPositions POSITIONS =
      new LogPositions(new Region("local"), LogId.parse("qzs2bywm"));
  static final long NOW = 1_790_000_000_000L;
  static final int FRAMES_PER_SECOND = 1000;
  static final int PUBLISHES_PER_SECOND = 500;
  static final int SUBSCRIBES_PER_SECOND = 20;
  static final int SUBSCRIBES_AT_ONCE = 100;
  static final int ANSWER_BYTES_PER_SECOND = 16 << 20;
  private static final SessionLimits LIMITS =
      new SessionLimits(100, 3, 4, 5, new RateLimit(FRAMES_PER_SECOND, 1_000_000));
  private static final TenantLimits TENANT =
      new TenantLimits(
          10,
          10,
          10,
          SUBSCRIBES_PER_SECOND,
          new RateLimit(PUBLISHES_PER_SECOND, 1_000_000),
          ANSWER_BYTES_PER_SECOND);

  final List<Publication> published = new ArrayList<>();
  final List<Publisher.Listener> publishes = new ArrayList<>();
  final List<Consumer<Optional<Snapshot>>> questions = new ArrayList<>();
  final List<String> presence = new ArrayList<>();
  final List<Connected> online = new ArrayList<>();
  final List<Place> asked = new ArrayList<>();
  final List<CloseReason> closes = new ArrayList<>();
  final List<Limit> limits = new ArrayList<>();
  final Session session;

  /** What becomes of a token; empty: too many wait. */
  Optional<Outcome> verdict = Optional.of(new Outcome.Refused("no token is good here"));

  /** The tenant's. */
  FakeTurn turn = new FakeTurn();

  boolean readsPaused;

  /** The tenant has as much under way as it may. */
  boolean backlogged;

  /** A client that is beyond help: the next frame closes its connection. */
  boolean lagging;

  /** Bytes that the client's socket takes; nothing live goes out when there is no room. */
  int room = Integer.MAX_VALUE;

  /** The most that may be set aside for an answer. */
  int spare = Integer.MAX_VALUE;

  int reserved;

  /** How often it was said that no subscription is behind any more. */
  int timesSeenAll;

  /** The largest answer that finds memory. */
  int mayAnswer = Integer.MAX_VALUE;

  private final List<String> received = new ArrayList<>();
  private final Queue<Runnable> tasks = new ArrayDeque<>();

  /** Tasks of the future, by the time at which they are due. */
  private final SortedMap<Long, List<Runnable>> later = new TreeMap<>();

  private long nanos = 1;

  Conversation(ChannelTable table, Past past) {
    this(table, past, "c1", Permissions.ofUser(ALICE));
  }

  Conversation(ChannelTable table, History past, String connection, Permissions permissions) {
    session =
        new Session(
            new ConnectionId(connection),
            principal(1000, permissions),
            seat(),
            this,
            table,
            new SessionServices(
                this,
                this,
                past,
                POSITIONS,
                (asker, token, answer) -> answer.accept(verdict),
                LIMITS,
                new Counted(),
                Clock.fixed(Instant.ofEpochMilli(NOW), ZoneOffset.UTC),
                () -> nanos),
            this);
  }

  private Tenants.Seat seat() {
    Tenants tenants = new Tenants(10, TENANT, () -> nanos);
    return ((Tenants.Entry.Admitted) tenants.enter(ACME, ALICE)).seat();
  }

  Tenant tenant() {
    return session.seat().tenant();
  }

  static Principal principal(long expiresAt, Permissions permissions) {
    return new Principal(ACME, ALICE, 0, expiresAt, permissions);
  }

  static TenantChannel channel(String name) {
    return new TenantChannel(ACME, new Channel(name));
  }

  /** The client sends a frame, with single quotes for double ones. */
  void says(String frame) {
    byte[] json = frame.replace('\'', '"').getBytes(UTF_8);
    session.onText(json, 0, json.length, json.length);
  }

  /** What the client got since it was last asked, likewise. */
  List<String> hears() {
    List<String> frames = List.copyOf(received);
    received.clear();
    return frames;
  }

  /** Runs what other threads have handed to the I/O thread. */
  void ioThreadRuns() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  /** Time goes by, and what was put off until then is done. */
  void passes(Duration time) {
    nanos += time.toNanos();
    SortedMap<Long, List<Runnable>> due = later.headMap(nanos + 1);
    due.values().forEach(tasks::addAll);
    due.clear();
    ioThreadRuns();
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
  }

  @Override
  public void executeAfter(Duration delay, Runnable task) {
    later.computeIfAbsent(nanos + delay.toNanos(), due -> new ArrayList<>()).add(task);
  }

  @Override
  public void send(byte[] frame) {
    if (!closes.isEmpty()) {
      return;
    }
    if (lagging) {
      close(CloseReason.LAGGING);
      return;
    }
    int header = FrameEncoder.headerLengthOf(frame);
    if (header != FrameEncoder.headerLength(frame.length - header)) {
      throw new AssertionError("not a text frame of its size");
    }
    room = Math.max(0, room - frame.length);
    received.add(new String(frame, header, frame.length - header, UTF_8).replace('"', '\''));
  }

  @Override
  public boolean offer(byte[] frame) {
    if (room <= 0) {
      return false;
    }
    send(frame);
    return true;
  }

  @Override
  public int room() {
    return room;
  }

  @Override
  public Turn turn() {
    return turn;
  }

  @Override
  public void hasSeenAll() {
    timesSeenAll++;
  }

  @Override
  public boolean mayAnswer(int bytes) {
    return bytes <= mayAnswer;
  }

  @Override
  public int reserve(int most) {
    int granted = Math.min(most, spare);
    reserved += granted;
    return granted;
  }

  @Override
  public void release(int bytes) {
    reserved -= bytes;
  }

  /** The client's socket takes so many bytes more. */
  void takes(int bytes) {
    room = bytes;
    session.onRoom();
  }

  @Override
  public void close(CloseReason reason) {
    closes.add(reason);
    session.end();
  }

  @Override
  public void pauseReads() {
    readsPaused = true;
  }

  @Override
  public void resumeReads() {
    readsPaused = false;
  }

  @Override
  public boolean publish(Publication publication, Publisher.Listener listener) {
    if (backlogged) {
      return false;
    }
    published.add(publication);
    publishes.add(listener);
    return true;
  }

  @Override
  public void joined(TenantChannel channel, ConnectionId connection, UserId user, long since) {
    presence.add(user + " joined " + channel.channel() + " by " + connection + " at " + since);
  }

  @Override
  public void left(TenantChannel channel, ConnectionId connection, UserId user) {
    presence.add(connection + " left " + channel.channel());
  }

  @Override
  public void connected(Connected who) {
    online.add(who);
  }

  @Override
  public void disconnected(Connected who) {
    online.remove(who);
  }

  @Override
  public void snapshot(TenantId tenant, Place place, Consumer<Optional<Snapshot>> answer) {
    asked.add(place);
    questions.add(answer);
  }

  private final class Counted implements SessionServices.SessionMetrics {
    @Override
    public void frameReceived() {}

    @Override
    public void error(ErrorCode code) {}

    @Override
    public void acked(long nanos) {}

    @Override
    public void limited(Limit limit) {
      limits.add(limit);
    }
  }
}
