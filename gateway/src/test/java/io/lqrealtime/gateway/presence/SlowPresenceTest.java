package io.lqrealtime.gateway.presence;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.gateway.session.ChannelPresence.Connected;
import io.lqrealtime.gateway.session.ChannelPresence.Snapshot;
import io.lqrealtime.id.Channel;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.Place;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import io.lqrealtime.presence.ApplyOutcome;
import io.lqrealtime.presence.Owner;
import io.lqrealtime.presence.PresenceChange;
import io.lqrealtime.presence.PresenceDirectory;
import io.lqrealtime.presence.PresenceSnapshot;
import io.lqrealtime.presence.memory.MemoryPresence;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A directory that does not come to an end with what it is to write. */
@Timeout(60)
class SlowPresenceTest {
  private static final TenantId ACME = new TenantId("acme");
  private static final TenantId OTHER = new TenantId("other");

  private final MemoryPresence presence = new MemoryPresence(InstantSource.system());
  private final CompletableFuture<ApplyOutcome> write = new CompletableFuture<>();
  private final GatewayPresence gateway =
      new GatewayPresence(
          new GatewayPresence.Ports(
              new Slow(), presence.maintenance(), presence.leases(), Duration.ofMinutes(1)),
          new Owner(new GatewayId("gw"), 1),
          visitor ->
              visitor.member(
                  ACME,
                  new PresenceChange.Joined(
                      new Channel("room"), new ConnectionId("c1"), new UserId("ann"), 1)),
          new SimpleMeterRegistry(),
          reason -> {});

  private final class Slow implements PresenceDirectory {
    @Override
    public CompletionStage<ApplyOutcome> apply(
        Owner owner, long stamp, TenantId tenant, List<PresenceChange> changes) {
      return write;
    }

    @Override
    public CompletionStage<PresenceSnapshot> snapshot(
        TenantId tenant, Place place, int maxMembers) {
      return presence.directory().snapshot(tenant, place, maxMembers);
    }

    @Override
    public void onDisruption(Runnable listener) {}
  }

  @AfterEach
  void close() {
    write.complete(new ApplyOutcome.Applied());
    gateway.close();
  }

  @Test
  void question_isAnsweredUnavailable_whenTheWritesBeforeItTakeTooLong() {
    CompletableFuture<Optional<Snapshot>> answer = ask(ACME);

    assertThat(answer).as("at once").isNotDone();
    assertThat(answer.orTimeout(50, TimeUnit.SECONDS).join()).isEmpty();
  }

  /** Also of those whose answer was given up, as long as they are kept. */
  @Test
  void questionsThatWait_areBounded_andTenantsShareTheBound() {
    gateway.connected(new Connected(ACME, new ConnectionId("c1"), new UserId("ann"), 1));
    int waiting = 0;
    while (!ask(ACME).isDone()) {
      waiting++;
    }

    assertThat(waiting).isBetween(GatewayPresence.MAX_WAITING / 2 - 1, GatewayPresence.MAX_WAITING);
    assertThat(ask(OTHER)).as("of another tenant").isNotDone();
  }

  private CompletableFuture<Optional<Snapshot>> ask(TenantId tenant) {
    CompletableFuture<Optional<Snapshot>> answer = new CompletableFuture<>();
    gateway.snapshot(tenant, new Channel("room"), answer::complete);
    return answer;
  }
}
