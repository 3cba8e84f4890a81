package io.lqrealtime.bench.faults.schedule;

import io.lqrealtime.bench.faults.client.Crew;
import io.lqrealtime.bench.faults.cluster.FaultCluster;
import io.lqrealtime.bench.faults.cluster.Node;
import io.lqrealtime.bench.load.StopSignal;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Brings faults about, and ends them. Each call takes as long as its fault; several may be under
 * way, on different targets. What could not be done is noted: a broker that is away deletes no
 * topic.
 */
public final class Injector {
  private static final long READY_WITHIN_MILLIS = 90_000;

  private final FaultCluster cluster;
  private final Crew crew;
  private final StopSignal stop;
  private final Consumer<String> notes;

  public Injector(FaultCluster cluster, Crew crew, StopSignal stop, Consumer<String> notes) {
    this.cluster = cluster;
    this.crew = crew;
    this.stop = stop;
    this.notes = notes;
  }

  /** Brings the fault about, lets it last, and ends it. */
  public void carryOut(Schedule.Entry entry) throws IOException, InterruptedException {
    switch (entry.fault()) {
      case KILL_GATEWAY -> kill(cluster.gateway(entry.target()), entry);
      case KILL_ROUTER -> kill(cluster.router(entry.target()), entry);
      case KILL_BROKER -> kill(cluster.broker(), entry);
      case STOP_GATEWAY -> terminate(cluster.gateway(entry.target()), entry);
      case STOP_ROUTER -> terminate(cluster.router(entry.target()), entry);
      case RESTART_BROKER -> terminate(cluster.broker(), entry);
      case PAUSE_GATEWAY -> pause(cluster.gateway(entry.target()), entry);
      case PAUSE_ROUTER -> pause(cluster.router(entry.target()), entry);
      case PAUSE_BROKER -> pause(cluster.broker(), entry);
      case KILL_REDIS -> {
        cluster.killRedis();
        last(entry);
        cluster.startRedis();
      }
      case PAUSE_REDIS -> {
        cluster.pauseRedis();
        last(entry);
        cluster.resumeRedis();
      }
      case FLUSH_REDIS -> {
        if (!cluster.flushRedis()) {
          notes.accept("redis was not flushed: it does not answer");
        }
      }
      case DELETE_GATEWAY_TOPIC -> {
        if (!cluster.deleteTopicOf(entry.target())) {
          notes.accept("the topic of " + entry.targetName() + " was not deleted");
        }
      }
      case SLOW_READER -> {
        crew.block(entry.target());
        last(entry);
        crew.unblock(entry.target());
      }
      case HALF_OPEN -> {
        int lost = cluster.forgetConnectionsOf(entry.target());
        notes.accept(lost + " connections are half open");
        last(entry);
        cluster.releaseConnectionsOf(entry.target());
      }
      case TWIN_GATEWAY -> {
        Node twin = cluster.twinOf(entry.target());
        try {
          awaitTwin(twin, cluster.gateway(entry.target()));
          last(entry);
        } finally {
          twin.kill();
        }
      }
      case ROLLING_RESTART -> rollingRestart();
      case ROLLING_UPGRADE -> {
        notes.accept("format version " + cluster.changeFormatVersion() + " from now on");
        rollingRestart();
      }
    }
  }

  /** A start takes its time, and only then there are two of them. */
  private void awaitTwin(Node twin, Node first) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(READY_WITHIN_MILLIS);
    while (!twin.isReady() && first.isAlive() && System.nanoTime() - end < 0 && !stop.isRaised()) {
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  private void last(Schedule.Entry entry) {
    stop.sleepUntil(System.nanoTime() + entry.lasts().toNanos());
  }

  private void kill(Node node, Schedule.Entry entry) throws IOException, InterruptedException {
    node.kill();
    last(entry);
    node.start();
  }

  private void terminate(Node node, Schedule.Entry entry) throws IOException, InterruptedException {
    if (!node.terminate()) {
      notes.accept(node.name() + " did not end within a minute of SIGTERM, and was killed");
    }
    last(entry);
    node.start();
  }

  private void pause(Node node, Schedule.Entry entry) throws IOException, InterruptedException {
    node.pause();
    last(entry);
    node.resume();
  }

  /** Gateways first, then routers, each ready before the next one goes. */
  private void rollingRestart() throws IOException, InterruptedException {
    List<Node> roles = cluster.roles().reversed();
    for (Node node : roles) {
      if (stop.isRaised()) {
        return;
      }
      if (!node.terminate()) {
        notes.accept(node.name() + " did not end within a minute of SIGTERM, and was killed");
      }
      node.start();
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(READY_WITHIN_MILLIS);
      while (!node.isReady() && System.nanoTime() - end < 0 && !stop.isRaised()) {
        TimeUnit.MILLISECONDS.sleep(100);
      }
    }
  }
}
