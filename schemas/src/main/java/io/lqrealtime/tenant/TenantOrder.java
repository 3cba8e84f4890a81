package io.lqrealtime.tenant;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.TenantId;

/**
 * What an operator or a backend decides about a tenant and its users: a control record on the
 * tenant's partition of the inbound log, so that it has its place among the messages, and what held
 * at an offset can be said years later. All gateways obey it, as {@link TenantOrderCodec} says.
 */
public sealed interface TenantOrder {
  /** Characters of {@link #by}, at the most. */
  int MAX_BY_LENGTH = 200;

  TenantId tenant();

  /** Who gave the order, for the audit: 1 to {@value #MAX_BY_LENGTH} characters of Unicode. */
  String by();

  /** From here on the tenant has this policy; the default one takes a former one back. */
  record SetPolicy(TenantId tenant, String by, TenantPolicy policy) implements TenantOrder {
    public SetPolicy {
      checkBy(by);
    }
  }

  /** Connections that are open are closed, with 4403. They may come back if their token holds. */
  record Disconnect(TenantId tenant, String by, Target target) implements TenantOrder {
    public Disconnect {
      checkBy(by);
    }
  }

  /** Subscriptions to the channel end. They may be made again if the token allows it. */
  record Unsubscribe(TenantId tenant, String by, Target target, Channel channel)
      implements TenantOrder {
    public Unsubscribe {
      checkBy(by);
    }
  }

  /**
   * Tokens that were issued before an instant are not good any more, and connections that live by
   * them are closed, with 4403. A later order for the same target replaces this one.
   *
   * @param target everyone or a user
   * @param issuedBefore epoch seconds; a token without {@code iat} counts as issued at 0. At 0, no
   *     token is revoked
   */
  record Revoke(TenantId tenant, String by, Target target, long issuedBefore)
      implements TenantOrder {
    public Revoke {
      checkBy(by);
      if (target instanceof Target.Connection) {
        throw new IllegalArgumentException("tokens are a user's, not a connection's");
      }
      if (issuedBefore < 0) {
        throw new IllegalArgumentException("an instant is 0 or more, in epoch seconds");
      }
    }
  }

  private static void checkBy(String by) {
    // Half of a surrogate pair has no UTF-8 form: neither header nor value could hold it.
    if (by.isBlank()
        || by.codePointCount(0, by.length()) > MAX_BY_LENGTH
        || by.codePoints().anyMatch(c -> Character.getType(c) == Character.SURROGATE)) {
      throw new IllegalArgumentException(
          "who gives an order has 1 to " + MAX_BY_LENGTH + " characters of valid Unicode");
    }
  }
}
