package io.lqrealtime.bench.attack;

import io.lqrealtime.bench.client.Connection;
import io.lqrealtime.bench.client.ConnectionHandler;
import io.lqrealtime.bench.client.Ending;
import io.lqrealtime.bench.client.FrameFields;
import io.lqrealtime.bench.client.HandshakeResponse;
import io.lqrealtime.bench.client.OutgoingFrames;
import io.lqrealtime.bench.client.SendOutcome;
import io.lqrealtime.bench.client.WebSocketClient;
import io.lqrealtime.bench.load.Targets;
import io.lqrealtime.bench.load.Tokens;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sends frames on its connections in turn. One that the service closed, or did not let in, comes
 * back a moment later.
 */
final class FrameFlood extends Attacker {

  private static final long RECONNECT_NANOS = 100_000_000;

  /** Of the selector thread. */
  private final FrameFields fields = new FrameFields();

  private List<Member> members = List.of();
  private List<Member> senders = List.of();

  FrameFlood(AttackPlan plan, Targets targets, Tokens tokens) {
    super(plan, targets, tokens);
  }

  @Override
  void prepare(WebSocketClient with) {
    List<Member> all = new ArrayList<>();
    for (int i = 0; i < plan.connections(); i++) {
      all.add(new Member(i, Scripts.of(plan, i, plan.schedule().burst())));
    }
    members = all;
    senders = all.stream().filter(member -> member.script.reads()).toList();
  }

  @Override
  void burst(WebSocketClient with, long number, int size) {
    long now = System.nanoTime();
    for (Member member : members) {
      member.openIfDue(with, now);
    }
    senders.get((int) (number % senders.size())).send(size);
  }

  /** One of its connections, and those that follow it. */
  private final class Member implements ConnectionHandler {
    private final int number;
    private final Script script;
    private final String token;

    /** Of the attacker's thread; what a full socket did not take stays in it. */
    private final OutgoingFrames frames = new OutgoingFrames();

    private volatile @Nullable Connection open;
    private volatile boolean gone = true;
    private volatile long dueNanos = System.nanoTime();

    Member(int number, Script script) {
      this.number = number;
      this.script = script;
      this.token = tokens.of(plan.tenant(), "attacker-" + number);
    }

    void openIfDue(WebSocketClient with, long now) {
      if (gone && now - dueNanos >= 0) {
        gone = false;
        stats.connects.increment();
        Connection _ = with.connect(targets.request(number, token), this);
      }
    }

    void send(int size) {
      Connection to = open;
      if (to == null) {
        stats.framesHeldUp.add(size);
        return;
      }
      if (frames.isEmpty()) {
        script.burst(frames);
      }
      SendOutcome outcome = to.send(frames);
      (outcome.taken() ? stats.framesSent : stats.framesHeldUp).add(size);
    }

    @Override
    public void opened(Connection connection, HandshakeResponse response) {
      stats.opened.increment();
      OutgoingFrames first = new OutgoingFrames();
      script.hello(first);
      SendOutcome _ = connection.send(first);
      open = connection;
    }

    @Override
    public void text(Connection connection, byte[] bytes, int offset, int length) {
      stats.answers.increment();
      if (!fields.read(bytes, offset, length)) {
        return;
      }
      switch (fields.type()) {
        case ERROR -> stats.errors.add(fields.errorCode());
        case SUBSCRIBED -> {
          if (!script.reads()) {
            connection.pauseReading();
          }
        }
        default -> {}
      }
    }

    @Override
    public void ended(Connection connection, Ending ending) {
      stats.ended(ending);
      open = null;
      dueNanos = System.nanoTime() + RECONNECT_NANOS;
      gone = true;
    }
  }
}
