package io.lqrealtime.gateway.presence;

import io.lqrealtime.gateway.delivery.MemberLog;
import io.lqrealtime.gateway.session.ChannelPresence;
import io.lqrealtime.gateway.session.TenantChannel;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.Place;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import java.util.Optional;
import java.util.function.Consumer;

/** Presence of which joins and leaves go to the log too, where others are told of them. */
public final class LoggedPresence implements ChannelPresence {
  private final ChannelPresence view;
  private final MemberLog log;

  public LoggedPresence(ChannelPresence view, MemberLog log) {
    this.view = view;
    this.log = log;
  }

  @Override
  public void connected(Connected who) {
    view.connected(who);
  }

  @Override
  public void disconnected(Connected who) {
    view.disconnected(who);
  }

  @Override
  public void joined(
      TenantChannel channel, ConnectionId connection, UserId user, long sinceMillis) {
    view.joined(channel, connection, user, sinceMillis);
    log.joined(channel, user, connection);
  }

  @Override
  public void left(TenantChannel channel, ConnectionId connection, UserId user) {
    view.left(channel, connection, user);
    log.left(channel, user, connection);
  }

  @Override
  public void snapshot(TenantId tenant, Place place, Consumer<Optional<Snapshot>> answer) {
    view.snapshot(tenant, place, answer);
  }
}
