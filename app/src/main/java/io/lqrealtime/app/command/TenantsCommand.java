package io.lqrealtime.app.command;

import io.lqrealtime.app.order.OrderDesk;
import io.lqrealtime.app.order.OrderLine;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.tenant.TenantOrder;
import io.lqrealtime.tenant.TenantPolicy;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows and sets what tenants may have and do. */
@Command(
    name = "tenants",
    description = {
      "Shows and sets what tenants may have and do, where it differs from the gateways' defaults.",
      "A change takes effect on all gateways within seconds."
    },
    mixinStandardHelpOptions = true)
public final class TenantsCommand {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Command(
      name = "list",
      description = "All that is in force about tenants: policies and revocations, a line each.",
      mixinStandardHelpOptions = true)
  int list(@Mixin OrderOptions orders) throws TimeoutException, InterruptedException {
    return print(orders.desk().inForce());
  }

  @Command(
      name = "show",
      description = "What is in force about one tenant; nothing, where it has the defaults.",
      mixinStandardHelpOptions = true)
  int show(
      @Parameters(paramLabel = "TENANT", description = "The tenant.") String tenant,
      @Mixin OrderOptions orders)
      throws TimeoutException, InterruptedException {
    TenantId id = tenant(tenant, orders);
    return print(
        orders.desk().inForce().stream()
            .filter(standing -> standing.order().tenant().equals(id))
            .toList());
  }

  @Command(
      name = "set",
      description =
          "Sets some of a tenant's limits on each gateway, and leaves the others as they are.",
      mixinStandardHelpOptions = true)
  int set(
      @Parameters(paramLabel = "TENANT", description = "The tenant.") String tenant,
      @Mixin LimitOptions limits,
      @Mixin OrderOptions orders)
      throws TimeoutException, InterruptedException {
    TenantId id = tenant(tenant, orders);
    if (limits.isEmpty()) {
      throw orders.wrong("which limit?");
    }
    // Before anything is asked of Kafka: what is out of bounds is so in any policy.
    with(TenantPolicy.DEFAULT, limits, orders);
    OrderDesk.Given given =
        orders
            .policies()
            .change(id, orders.by(), policy -> with(policy, limits, orders), orders.seal());
    return OrderOptions.report(given, spec.commandLine().getOut(), spec.commandLine().getErr());
  }

  @Command(
      name = "reset",
      description = "Gives a tenant the gateways' defaults again.",
      mixinStandardHelpOptions = true)
  int reset(
      @Parameters(paramLabel = "TENANT", description = "The tenant.") String tenant,
      @Mixin OrderOptions orders)
      throws TimeoutException, InterruptedException {
    return give(
        new TenantOrder.SetPolicy(tenant(tenant, orders), orders.by(), TenantPolicy.DEFAULT),
        orders);
  }

  private static TenantPolicy with(TenantPolicy policy, LimitOptions limits, OrderOptions orders) {
    try {
      return limits.appliedTo(policy);
    } catch (IllegalArgumentException e) {
      throw orders.wrong(String.valueOf(e.getMessage()));
    }
  }

  private static TenantId tenant(String name, OrderOptions orders) {
    try {
      return new TenantId(name);
    } catch (IllegalArgumentException e) {
      throw orders.wrong(String.valueOf(e.getMessage()));
    }
  }

  private int give(TenantOrder order, OrderOptions orders)
      throws TimeoutException, InterruptedException {
    return orders.give(order, spec.commandLine().getOut(), spec.commandLine().getErr());
  }

  private int print(List<OrderDesk.Standing> standing) {
    PrintWriter out = spec.commandLine().getOut();
    standing.forEach(order -> out.println(OrderLine.of(order)));
    out.flush();
    return 0;
  }
}
