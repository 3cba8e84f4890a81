package io.lqrealtime.gateway;

import io.lqrealtime.frame.CloseReason;
import io.lqrealtime.gateway.session.Session;
import io.lqrealtime.gateway.tenant.OrderReader;
import io.lqrealtime.gateway.tenant.Revocations;
import io.lqrealtime.gateway.tenant.Tenants;
import io.lqrealtime.gateway.transport.EventLoop;
import io.lqrealtime.gateway.transport.WebSocketConnection;
import io.lqrealtime.tenant.Target;
import io.lqrealtime.tenant.TenantOrder;
import io.lqrealtime.tenant.TenantOrderCodec;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Carries out on this gateway what is ordered about tenants and their users: on its connections as
 * soon as their I/O threads get to it, on those that come later at once.
 */
final class TenantControl implements OrderReader.Obedient {
  private static final Logger log = LoggerFactory.getLogger(TenantControl.class);

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
        forEachOf(revoke, revoke.target(), this::closeIfRevoked);
      }
      case TenantOrder.Disconnect disconnect ->
          forEachOf(
              disconnect,
              disconnect.target(),
              connection -> {
                connection.close(CloseReason.DISCONNECTED);
                return true;
              });
      case TenantOrder.Unsubscribe unsubscribe ->
          forEachOf(
              unsubscribe,
              unsubscribe.target(),
              connection -> connection.session().endSubscription(unsubscribe.channel()));
    }
  }

  /**
   * For a connection whose handshake began before a revocation. On its I/O thread.
   *
   * @return whether it was closed
   */
  boolean closeIfRevoked(WebSocketConnection connection) {
    boolean revoked = revocations.isRevoked(connection.session().principal());
    if (revoked) {
      connection.close(CloseReason.DISCONNECTED);
    }
    return revoked;
  }

  /**
   * Says for the audit whom the order was carried out on, and how many they were.
   *
   * @param action returns whether it did anything
   */
  private void forEachOf(TenantOrder order, Target target, Predicate<WebSocketConnection> action) {
    String what = TenantOrderCodec.typeOf(order);
    LongAdder count = new LongAdder();
    AtomicInteger loopsLeft = new AtomicInteger(loops.all().size());
    for (EventLoop loop : loops.all()) {
      loop.forEachConnection(
          connection -> {
            Session session = connection.session();
            if (session.principal().tenant().equals(order.tenant())
                && target.includes(session.user(), session.id())
                && action.test(connection)) {
              count.increment();
              tell(target, "{} of {}: connection {} of {}", what, order, session);
            }
          });
      loop.execute(
          () -> {
            if (loopsLeft.decrementAndGet() == 0 && count.sum() > 0) {
              log.info(
                  "{} of {} by {}: carried out on {} connections here",
                  what,
                  order.tenant(),
                  order.by(),
                  count.sum());
            }
          });
    }
  }

  /** An order about everyone may be about a hundred thousand. */
  private static void tell(
      Target target, String text, String what, TenantOrder order, Session session) {
    log.atLevel(target instanceof Target.Everyone ? Level.DEBUG : Level.INFO)
        .log(text, what, order.tenant(), session.id(), session.user());
  }
}
