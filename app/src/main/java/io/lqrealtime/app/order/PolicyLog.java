package io.lqrealtime.app.order;

import io.lqrealtime.id.Position;
import io.lqrealtime.tenant.TenantOrder;
import io.lqrealtime.tenant.TenantPolicy;
import java.util.List;
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
   * @param others the policies that others have put between it and what was read before, in order
   */
  record Appended(TenantOrder order, Position position, List<TenantPolicy> others) {}

  /**
   * Appends a policy; it is durable on return.
   *
   * @throws IllegalStateException as {@link OrderDesk#give}
   * @throws TimeoutException as {@link OrderDesk#give}
   */
  Appended append(TenantPolicy policy) throws TimeoutException, InterruptedException;

  /** Waits for what becomes of an order that was appended. */
  OrderDesk.Given await(Appended appended);

  @Override
  void close();
}
