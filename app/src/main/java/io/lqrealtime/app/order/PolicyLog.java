package io.lqrealtime.app.order;

import io.lqrealtime.id.Position;
import io.lqrealtime.tenant.TenantOrder;
import io.lqrealtime.tenant.TenantPolicy;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/** One tenant's policies in the inbound log, as {@link PolicyDesk} changes them. For one thread. */
interface PolicyLog extends AutoCloseable {
  /**
   * The policy that the tenant has when the routers have passed on all that lies in the log now.
   * Called once, and first.
   *
   * @throws TimeoutException if that can't be read in time
   */
  TenantPolicy last() throws TimeoutException, InterruptedException;

  /**
   * An order that was appended.
   *
   * @param others what others have put between it and what was read before, in order
   */
  record Appended(TenantOrder order, Position position, List<Other> others) {}

  /**
   * Somebody else's order.
   *
   * @param change what it says that it changes; empty where it does not say
   */
  record Other(TenantPolicy policy, Optional<PolicyChange> change) {}

  /**
   * Appends a policy; it is durable on return.
   *
   * @param change what differs in it from {@link #last}
   * @throws IllegalStateException as {@link OrderDesk#give}
   * @throws TimeoutException as {@link OrderDesk#give}
   */
  Appended append(TenantPolicy policy, PolicyChange change)
      throws TimeoutException, InterruptedException;

  /** Waits for what becomes of an order that was appended. */
  OrderDesk.Given await(Appended appended);

  @Override
  void close();
}
