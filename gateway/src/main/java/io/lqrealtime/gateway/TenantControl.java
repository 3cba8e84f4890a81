package io.lqrealtime.gateway;

import io.lqrealtime.frame.CloseReason;
import io.lqrealtime.gateway.session.Session;
import io.lqrealtime.gateway.tenant.OrderReader;
import io.lqrealtime.gateway.tenant.Revocations;
import io.lqrealtime.gateway.tenant.Tenants;
import io.lqrealtime.gateway.transport.WebSocketConnection;
import io.lqrealtime.tenant.TenantOrder;
import java.util.function.Consumer;

/**
 * Carries out on this gateway what is ordered about tenants and their users: on its connections as
 * soon as their I/O threads get to it, on those that come later at once.
 */
final class TenantControl implements OrderReader.Obedient {
  private final Tenants tenants;
  private final Revocations revocations;
  private final EventLoops loops;

  TenantControl(Tenants tenants, Revocations revocations, EventLoops loops) {
    this.tenants = tenants;
    this.revocations = revocations;
    this.loops = loops;
  }

  @Override
  public void obey(TenantOrder order) {
    switch (order) {
      case TenantOrder.SetPolicy set -> tenants.use(set.tenant(), set.policy());
      case TenantOrder.Revoke revoke -> {
        // First for those who come, so that nobody slips through between the two.
        revocations.revoke(revoke.tenant(), revoke.target(), revoke.issuedBefore());
        forEachOf(revoke, connection -> closeIfRevoked(connection));
      }
      case TenantOrder.Disconnect disconnect ->
          forEachOf(
              disconnect,
              connection -> {
                Session session = connection.session();
                if (disconnect.target().includes(session.user(), session.id())) {
                  connection.close(CloseReason.DISCONNECTED);
                }
              });
      case TenantOrder.Unsubscribe unsubscribe ->
          forEachOf(
              unsubscribe,
              connection -> {
                Session session = connection.session();
                if (unsubscribe.target().includes(session.user(), session.id())) {
                  session.endSubscription(unsubscribe.channel());
                }
              });
    }
  }

  /** For a connection whose handshake began before a revocation. On its I/O thread. */
  void closeIfRevoked(WebSocketConnection connection) {
    if (revocations.isRevoked(connection.session().principal())) {
      connection.close(CloseReason.DISCONNECTED);
    }
  }

  private void forEachOf(TenantOrder order, Consumer<WebSocketConnection> action) {
    loops.forEachConnection(
        connection -> {
          if (connection.session().principal().tenant().equals(order.tenant())) {
            action.accept(connection);
          }
        });
  }
}
