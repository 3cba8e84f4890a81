package io.lqrealtime.bench.attack;

import io.lqrealtime.bench.client.Connection;
import io.lqrealtime.bench.client.ConnectionHandler;
import io.lqrealtime.bench.client.Ending;
import io.lqrealtime.bench.client.HandshakeResponse;
import io.lqrealtime.bench.client.WebSocketClient;
import io.lqrealtime.bench.load.Targets;
import io.lqrealtime.bench.load.Tokens;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Connects and goes away, by turns with a good token and one whose signature is wrong. Connects
 * that are due while as many as the plan allows are under way are left out, and count as held up.
 */
final class HandshakeStorm extends Attacker {

  private static final int USERS = 16;

  private final AtomicInteger underWay = new AtomicInteger();
  private final Guest guest = new Guest();
  private List<String> presented = List.of();
  private int turn;

  HandshakeStorm(AttackPlan plan, Targets targets, Tokens tokens) {
    super(plan, targets, tokens);
  }

  @Override
  void prepare(WebSocketClient with) {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < USERS; i++) {
      String good = tokens.of(plan.tenant(), "attacker-" + i);
      all.add(good);
      all.add(forged(good));
    }
    presented = all;
    underWay.set(0);
  }

  /** With a signature that is as long, and wrong: it has to be computed to be found out. */
  static String forged(String token) {
    int signature = token.lastIndexOf('.') + 1;
    char first = token.charAt(signature) == 'A' ? 'B' : 'A';
    return token.substring(0, signature) + first + token.substring(signature + 1);
  }

  @Override
  void burst(WebSocketClient with, long number, int size) {
    for (int i = 0; i < size; i++) {
      if (underWay.get() >= plan.connections()) {
        stats.framesHeldUp.increment();
        continue;
      }
      underWay.incrementAndGet();
      stats.connects.increment();
      String token = presented.get(turn % presented.size());
      Connection _ = with.connect(targets.request(turn, token), guest);
      turn = (turn + 1) & Integer.MAX_VALUE;
    }
  }

  private final class Guest implements ConnectionHandler {
    @Override
    public void opened(Connection connection, HandshakeResponse response) {
      stats.opened.increment();
      // Without a farewell: that keeps no port waiting, and is what crashed clients do.
      connection.abort();
    }

    @Override
    public void text(Connection connection, byte[] bytes, int offset, int length) {
      stats.answers.increment();
    }

    @Override
    public void ended(Connection connection, Ending ending) {
      underWay.decrementAndGet();
      stats.ended(ending);
    }
  }
}
