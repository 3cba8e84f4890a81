package io.lqrealtime.app.command;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import io.lqrealtime.tenant.Target;
import io.lqrealtime.tenant.TenantOrder;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Steps in where clients are connected, on whichever gateway that is. */
@Command(
    name = "clients",
    description = {
      "Disconnects and unsubscribes clients, and revokes tokens, on whichever gateway they are.",
      "Each order is a record in the log, and says who gave it."
    },
    mixinStandardHelpOptions = true)
public final class ClientsCommand {
  /** By as much this machine's clock may be behind the one that tokens are issued by. */
  private static final long MOST_AHEAD_SECONDS = 60;

  @Spec private CommandSpec spec = CommandSpec.create();

  /** A user, or everybody. */
  static class Whose {
    @Option(names = "--user", paramLabel = "USER", description = "A user, however connected.")
    private @Nullable String user;

    @Option(names = "--everyone", description = "All of the tenant.")
    private boolean everyone;

    Target target() {
      String name = user;
      if (name != null) {
        return new Target.User(new UserId(name));
      }
      if (everyone) {
        return new Target.Everyone();
      }
      throw new IllegalArgumentException("whom? See --help");
    }
  }

  /** The same, or one connection. */
  static final class Whom extends Whose {
    @Option(names = "--connection", paramLabel = "ID", description = "One connection.")
    private @Nullable String connection;

    @Override
    Target target() {
      String id = connection;
      return id == null ? super.target() : new Target.Connection(new ConnectionId(id));
    }
  }

  @Command(
      name = "disconnect",
      description = {
        "Closes connections, with 4403.",
        "They may come back if their token holds: revoke it first."
      },
      mixinStandardHelpOptions = true)
  int disconnect(
      @Parameters(paramLabel = "TENANT", description = "The tenant.") String tenant,
      @ArgGroup(multiplicity = "1") Whom whom,
      @Mixin OrderOptions orders)
      throws TimeoutException, InterruptedException {
    return give(
        () -> new TenantOrder.Disconnect(new TenantId(tenant), orders.by(), whom.target()), orders);
  }

  @Command(
      name = "unsubscribe",
      description =
          "Ends subscriptions to a channel. They may be made again if the token allows it.",
      mixinStandardHelpOptions = true)
  int unsubscribe(
      @Parameters(paramLabel = "TENANT", description = "The tenant.") String tenant,
      @Option(
              names = "--channel",
              required = true,
              paramLabel = "CHANNEL",
              description = "The channel.")
          String channel,
      @ArgGroup(multiplicity = "1") Whom whom,
      @Mixin OrderOptions orders)
      throws TimeoutException, InterruptedException {
    return give(
        () ->
            new TenantOrder.Unsubscribe(
                new TenantId(tenant), orders.by(), whom.target(), new Channel(channel)),
        orders);
  }

  @Command(
      name = "revoke",
      description = {
        "Makes tokens void that were issued before an instant, and closes connections that live by"
            + " them, with 4403.",
        "A later revocation for the same target replaces this one."
      },
      mixinStandardHelpOptions = true)
  int revoke(
      @Parameters(paramLabel = "TENANT", description = "The tenant.") String tenant,
      @Option(
              names = "--issued-before",
              paramLabel = "INSTANT",
              description =
                  "In RFC 3339, such as 2026-11-25T08:00:00Z; tokens without iat are always before"
                      + " (default: now). 1970-01-01T00:00:00Z takes a revocation back.")
          @Nullable String issuedBefore,
      @ArgGroup(multiplicity = "1") Whose whose,
      @Mixin OrderOptions orders)
      throws TimeoutException, InterruptedException {
    return give(
        () ->
            new TenantOrder.Revoke(
                new TenantId(tenant), orders.by(), whose.target(), second(issuedBefore)),
        orders);
  }

  private static long second(@Nullable String instant) {
    // Up: a token that was issued within the present second is before now, too.
    long now = Instant.now().plusMillis(999).getEpochSecond();
    try {
      long second = instant == null ? now : Instant.parse(instant).getEpochSecond();
      if (second > now + MOST_AHEAD_SECONDS) {
        throw new IllegalArgumentException(
            "'" + instant + "' is to come: no token that is issued until then would be good");
      }
      return second;
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException("'" + instant + "' is no instant in RFC 3339");
    }
  }

  private int give(Supplier<TenantOrder> order, OrderOptions orders)
      throws TimeoutException, InterruptedException {
    TenantOrder made;
    try {
      made = order.get();
    } catch (IllegalArgumentException e) {
      throw orders.wrong(String.valueOf(e.getMessage()));
    }
    return orders.give(made, spec.commandLine().getOut(), spec.commandLine().getErr());
  }
}
