package io.lqrealtime.bench.attack;

import io.lqrealtime.bench.load.Schedule;

/**
 * The shape of an attack.
 *
 * @param rate frames (or connects) a second at the most, over all connections
 * @param connections at once at the most
 * @param tenant whose tokens the attacker has
 * @param channelPrefix of the channels that it uses
 */
public record AttackPlan(
    Attack attack, long rate, int connections, String tenant, String channelPrefix) {

  /** More would measure the generator. */
  public static final long MAX_RATE = 100_000;

  public static final int MAX_CONNECTIONS = 1_000;

  /** Writes a second: fewer and larger ones cost the attacker less. */
  private static final long BURSTS_A_SECOND = 200;

  /** Of messages to a crowd: each is a lot of work at once. */
  private static final long CROWD_BURSTS_A_SECOND = 2;

  public AttackPlan {
    within("the attack's rate", rate, 1, MAX_RATE);
    within("the attack's connections", connections, 1, MAX_CONNECTIONS);
    if (attack == Attack.SLOW && connections < 2) {
      throw new IllegalArgumentException(
          "a slow attack needs 2 connections: one publishes, the others do not read");
    }
  }

  /** What is sent when. */
  Schedule schedule() {
    long bursts = attack == Attack.CROWD ? CROWD_BURSTS_A_SECOND : BURSTS_A_SECOND;
    return new Schedule(rate, (int) Math.max(1, rate / bursts));
  }

  private static void within(String name, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          name + " must be " + least + " to " + most + ", not " + value);
    }
  }
}
