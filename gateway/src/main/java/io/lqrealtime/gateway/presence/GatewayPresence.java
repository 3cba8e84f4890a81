package io.lqrealtime.gateway.presence;

import io.lqrealtime.frame.ServerFrames;
import io.lqrealtime.gateway.session.ChannelPresence;
import io.lqrealtime.gateway.session.TenantChannel;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.Place;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import io.lqrealtime.presence.GatewayLeases;
import io.lqrealtime.presence.LeaseEvent;
import io.lqrealtime.presence.LeaseKeeper;
import io.lqrealtime.presence.Owner;
import io.lqrealtime.presence.PresenceChange;
import io.lqrealtime.presence.PresenceDirectory;
import io.lqrealtime.presence.PresenceMaintenance;
import io.lqrealtime.presence.PresenceSnapshot;
import io.lqrealtime.presence.PresenceSource;
import io.lqrealtime.presence.PresenceView;
import io.lqrealtime.tenant.TenantShares;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A gateway's presence: holds its lease, keeps its part of the directory up to date, answers who is
 * where. A directory that is away costs answers and nothing else: delivery does not depend on it.
 */
public final class GatewayPresence implements ChannelPresence, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(GatewayPresence.class);

  /** Questions at a time that wait for what was told before them to be written. */
  static final int MAX_WAITING = 100_000;

  /** A directory that takes each write, but slowly, may need minutes for the whole view. */
  static final Duration WRITTEN_WITHIN = Duration.ofSeconds(5);

  /**
   * What presence is kept in.
   *
   * @param lease how long a gateway that gives no sign of life is believed to be there
   */
  public record Ports(
      PresenceDirectory directory,
      PresenceMaintenance maintenance,
      GatewayLeases leases,
      Duration lease) {}

  /** Told when the lease's end asks for something of the gateway; must not block. */
  @FunctionalInterface
  public interface Overslept {
    void overslept(String reason);
  }

  private final PresenceDirectory directory;
  private final PresenceView view;
  private final LeaseKeeper keeper;
  private final TenantShares waiting = new TenantShares(MAX_WAITING);

  private volatile Owner owner;

  /** Who the last lease was taken for; what another has written counts for nothing yet. */
  private volatile Optional<Owner> leased = Optional.empty();

  public GatewayPresence(
      Ports ports, Owner owner, PresenceSource members, MeterRegistry meters, Overslept overslept) {
    this.directory = ports.directory();
    this.owner = owner;
    this.view =
        PresenceView.start(
            ports.directory(),
            ports.maintenance(),
            owner,
            members,
            PresenceView.Options.DEFAULT,
            meters);
    this.keeper =
        LeaseKeeper.start(
            ports.leases(),
            owner,
            ports.lease(),
            view::backlog,
            event -> onLease(event, overslept));
    ports.directory().onDisruption(keeper::renewNow);
  }

  private void onLease(LeaseEvent event, Overslept overslept) {
    switch (event) {
      case LeaseEvent.Renewed renewed -> {
        leased = Optional.of(renewed.owner());
        // The view may have been lost before the first renewal saw an epoch to compare with.
        if (!renewed.whole() && !view.isRebuilding()) {
          view.rebuild();
        }
      }
      case LeaseEvent.EpochChanged changed -> {
        log.info("Presence was lost in its store, and is written again");
        view.rebuild();
      }
      case LeaseEvent.Overslept slept ->
          overslept.overslept("its lease was overslept by " + slept.silent());
      // Who holds this id is for the log to say: the gateway reads the other's claim there.
      case LeaseEvent.Fenced fenced ->
          log.warn("A newer generation of this gateway holds the lease: {}", fenced.newer());
      case LeaseEvent.Lost lost -> log.warn("Presence is unavailable: {}", lost.cause().toString());
      // The view writes itself again on a new connection; an outage alone loses nothing.
      case LeaseEvent.Back back -> {
        log.info("Presence is back after {}", back.outage());
        view.retryNow();
      }
    }
  }

  /** The gateway has taken another generation. */
  public void owner(Owner next) {
    owner = next;
    view.owner(next);
    keeper.owner(next);
  }

  @Override
  public void connected(Connected who) {
    view.changed(
        who.tenant(),
        new PresenceChange.Joined(who.user(), who.connection(), who.user(), who.sinceMillis()));
  }

  @Override
  public void disconnected(Connected who) {
    view.changed(who.tenant(), new PresenceChange.Left(who.user(), who.connection()));
  }

  @Override
  public void joined(
      TenantChannel channel, ConnectionId connection, UserId user, long sinceMillis) {
    view.changed(
        channel.tenant(),
        new PresenceChange.Joined(channel.channel(), connection, user, sinceMillis));
  }

  @Override
  public void left(TenantChannel channel, ConnectionId connection, UserId user) {
    view.changed(channel.tenant(), new PresenceChange.Left(channel.channel(), connection));
  }

  @Override
  public void snapshot(TenantId tenant, Place place, Consumer<Optional<Snapshot>> answer) {
    if (!waiting.enter(tenant)) {
      answer.accept(Optional.empty());
      return;
    }
    CompletableFuture<Boolean> written = new CompletableFuture<>();
    // Who asks right after something happened here is to see it.
    view.afterWrites(
        () -> {
          waiting.leave(tenant);
          written.complete(true);
        });
    var _ =
        written
            .completeOnTimeout(false, WRITTEN_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
            .thenAccept(
                inTime -> {
                  if (inTime) {
                    ask(tenant, place, answer);
                  } else {
                    answer.accept(Optional.empty());
                  }
                });
  }

  private void ask(TenantId tenant, Place place, Consumer<Optional<Snapshot>> answer) {
    if (view.isBehind(tenant) || !leased.equals(Optional.of(owner))) {
      // What this gateway knows better than the directory would be missing from the answer.
      answer.accept(Optional.empty());
      return;
    }
    directory
        .snapshot(tenant, place, MAX_LISTED)
        .whenComplete(
            (snapshot, failure) ->
                answer.accept(failure == null ? Optional.of(listed(snapshot)) : Optional.empty()));
  }

  private static Snapshot listed(PresenceSnapshot snapshot) {
    return new Snapshot(
        snapshot.connections(),
        snapshot.users(),
        snapshot.members().stream()
            .map(
                member ->
                    new ServerFrames.Member(member.user(), member.connection(), member.since()))
            .toList(),
        snapshot.lastSeen());
  }

  @Override
  public void close() {
    view.close();
    keeper.close();
  }
}
