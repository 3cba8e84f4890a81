package io.lqrealtime.bench.load;

import io.lqrealtime.bench.client.Connection;
import io.lqrealtime.bench.client.ConnectionHandler;
import io.lqrealtime.bench.client.Ending;
import io.lqrealtime.bench.client.FrameFields;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One connection's part in a run: it becomes ready (once more for every attempt to open it),
 * receives, and ends. The end of a connection that was ready counts as an ending of the run, unless
 * this side closed it.
 */
abstract sealed class LoadClient implements ConnectionHandler
    permits Publisher, Resumer, Subscriber {

  /** Who waits for the client to be ready. */
  interface Waiter {
    void ready(LoadClient client);

    /**
     * The attempt failed.
     *
     * @param hopeless whether trying again would fail alike
     */
    void failed(LoadClient client, String reason, boolean hopeless);
  }

  /** What a selector thread reads frames with: one for all its connections. */
  static final class Scratch {
    final FrameFields fields = new FrameFields();
    final Stamp stamp = new Stamp();
  }

  /** Errors that another try may not meet. */
  private static final Set<String> PASSING = Set.of("unavailable", "rate_limited", "internal");

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  final RunStats stats;
  private final String tenant;
  private final String user;
  private volatile @Nullable Connection connection;
  private volatile @Nullable Waiter waiter;

  // Of the selector thread.
  private String fault = "";
  private boolean hopeless;

  LoadClient(RunStats stats, String tenant, String user) {
    this.stats = stats;
    this.tenant = tenant;
    this.user = user;
  }

  String tenant() {
    return tenant;
  }

  String user() {
    return user;
  }

  /** Whoever opens the connection says so before it starts to. */
  void await(Waiter who) {
    waiter = who;
  }

  void connecting(Connection to) {
    connection = to;
  }

  /** Gives up an attempt that takes too long. */
  void overdue() {
    Connection slow = connection;
    if (slow != null) {
      slow.execute(
          () -> {
            if (waiter != null) {
              fault = "not ready in time";
              hopeless = false;
              slow.abort();
            }
          });
    }
  }

  /** The connection, if it was ever begun. */
  @Nullable Connection connection() {
    return connection;
  }

  @Override
  public final void text(Connection from, byte[] bytes, int offset, int length) {
    Scratch scratch = SCRATCH.get();
    FrameFields fields = scratch.fields;
    if (!fields.read(bytes, offset, length)) {
      stats.malformed.increment();
      return;
    }
    switch (fields.type()) {
      case WELCOME -> welcomed(from);
      case SUBSCRIBED -> subscribed(fields);
      case LIVE -> live();
      case MESSAGE -> message(scratch, bytes, offset + length);
      case ACK -> acked(scratch, bytes, offset + length);
      case ERROR -> {
        String code = fields.errorCode();
        stats.errors.add(code);
        if (waiter != null) {
          fault = "error " + code + " before it was ready";
          hopeless = !PASSING.contains(code);
          from.close(1000, "");
        }
        failed(scratch, bytes, offset + length);
      }
      case RECONNECT -> stats.errors.add("(reconnect advice)");
      case OTHER -> {}
    }
  }

  @Override
  public final void ended(Connection from, Ending ending) {
    Waiter who = waiter;
    if (who != null) {
      waiter = null;
      String reason = fault.isEmpty() ? ending.toString() : fault;
      boolean again = fault.isEmpty() ? !hopeless(ending) : !hopeless;
      fault = "";
      who.failed(this, reason, !again);
    } else if (!(ending instanceof Ending.ClosedHere) && !expectsEnd()) {
      stats.endings.add(ending.toString());
    }
  }

  /** A wrong token or address stays wrong; a full or starting gateway does not stay so. */
  private static boolean hopeless(Ending ending) {
    return ending instanceof Ending.Refused refused
        && refused.response().status() >= 400
        && refused.response().status() < 500
        && refused.response().status() != 429;
  }

  final void ready() {
    Waiter who = waiter;
    if (who != null) {
      waiter = null;
      who.ready(this);
    }
  }

  /** Whether the end of a connection that was ready is a part of the run. */
  boolean expectsEnd() {
    return false;
  }

  abstract void welcomed(Connection from);

  void subscribed(FrameFields fields) {}

  /** A catch-up is over. */
  void live() {}

  void message(Scratch scratch, byte[] bytes, int end) {
    stats.foreign.increment();
  }

  void acked(Scratch scratch, byte[] bytes, int end) {
    stats.foreign.increment();
  }

  /** An error frame, for a client that was ready or not. */
  void failed(Scratch scratch, byte[] bytes, int end) {}
}
