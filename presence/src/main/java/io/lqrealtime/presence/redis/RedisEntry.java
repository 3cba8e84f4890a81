package io.lqrealtime.presence.redis;

import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.UserId;
import io.lqrealtime.presence.Member;
import io.lqrealtime.presence.Owner;
import io.lqrealtime.presence.PresenceChange;

/**
 * The text of an entry: {@code 1 GATEWAY GENERATION STAMP SINCE USER}. The first number is the
 * format's version; only the user, which comes last, may hold spaces. The scripts compare an
 * entry's beginning with {@link #ownerPrefix}, and read the stamp behind it.
 */
final class RedisEntry {
  private static final String VERSION = "1 ";

  private RedisEntry() {}

  static String ownerPrefix(Owner owner) {
    return VERSION + ownerName(owner) + ' ';
  }

  /** {@code GATEWAY GENERATION}. */
  static String ownerName(Owner owner) {
    return owner.gateway().value() + ' ' + owner.generation();
  }

  static Owner parseOwnerName(String text) {
    int space = text.indexOf(' ');
    return new Owner(
        new GatewayId(text.substring(0, space)), Long.parseLong(text.substring(space + 1)));
  }

  /** What follows the stamp. */
  static String tail(PresenceChange.Joined joined) {
    return joined.since() + " " + joined.user().value();
  }

  /** The owner prefix that the entry starts with; empty if it is in no format known here. */
  static String ownerPrefixOf(String entry) {
    if (!entry.startsWith(VERSION)) {
      return "";
    }
    int gatewayEnd = entry.indexOf(' ', VERSION.length());
    int generationEnd = entry.indexOf(' ', gatewayEnd + 1);
    return entry.substring(0, generationEnd + 1);
  }

  /** The user's id, of an entry that starts with this owner prefix. */
  static String user(String entry, String ownerPrefix) {
    return entry.substring(userStart(entry, ownerPrefix));
  }

  static Member member(String connection, String entry, String ownerPrefix) {
    int stampEnd = entry.indexOf(' ', ownerPrefix.length());
    int userStart = userStart(entry, ownerPrefix);
    String gateway =
        ownerPrefix.substring(VERSION.length(), ownerPrefix.indexOf(' ', VERSION.length()));
    return new Member(
        new UserId(entry.substring(userStart)),
        new ConnectionId(connection),
        new GatewayId(gateway),
        Long.parseLong(entry, stampEnd + 1, userStart - 1, 10));
  }

  private static int userStart(String entry, String ownerPrefix) {
    int stampEnd = entry.indexOf(' ', ownerPrefix.length());
    return entry.indexOf(' ', stampEnd + 1) + 1;
  }
}
