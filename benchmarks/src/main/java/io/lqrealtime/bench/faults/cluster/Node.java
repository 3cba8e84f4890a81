package io.lqrealtime.bench.faults.cluster;

import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A part of the cluster that is one process at a time: a gateway, a router, or the broker. All its
 * lives have the same name, ports and data. For any thread; what starts and ends it waits for one
 * another, what pauses it does not.
 */
public final class Node {
  private static final long START_WITHIN_MILLIS = 60_000;

  /** Starts a life of the node. */
  interface Launch {
    ChildProcess launch() throws IOException;
  }

  /** Whether the present life serves. */
  interface Readiness {
    boolean isReady() throws InterruptedException;
  }

  private final String name;
  private final Launch launch;
  private final Readiness readiness;
  private volatile Optional<ChildProcess> life = Optional.empty();

  Node(String name, Launch launch, Readiness readiness) {
    this.name = name;
    this.launch = launch;
    this.readiness = readiness;
  }

  public String name() {
    return name;
  }

  public boolean isAlive() {
    return life.filter(ChildProcess::isAlive).isPresent();
  }

  public boolean isReady() throws InterruptedException {
    return isAlive() && readiness.isReady();
  }

  /** The exit code of a life that has ended and was not followed by another. */
  public OptionalInt exitCode() {
    return life.filter(ended -> !ended.isAlive())
        .map(ended -> OptionalInt.of(ended.exitValue()))
        .orElse(OptionalInt.empty());
  }

  /** Starts it where it does not run; does not wait until it serves. Whether there was need to. */
  public synchronized boolean start() throws IOException {
    if (isAlive()) {
      return false;
    }
    life = Optional.of(launch.launch());
    return true;
  }

  /** SIGKILL. */
  public synchronized void kill() throws InterruptedException {
    if (life.isPresent()) {
      life.get().kill();
    }
  }

  /** SIGTERM, and SIGKILL if that does not end it in a minute. Whether it ended by itself. */
  public synchronized boolean terminate() throws IOException, InterruptedException {
    return life.isEmpty() || life.get().terminate(START_WITHIN_MILLIS);
  }

  public void pause() throws IOException, InterruptedException {
    if (life.isPresent()) {
      life.get().pause();
    }
  }

  public void resume() throws IOException, InterruptedException {
    if (life.isPresent()) {
      life.get().resume();
    }
  }
}
