package io.lqrealtime.gateway.security;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.UserId;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a token allows on which channels: the claim {@code can}, a list of patterns for each action,
 * or without it everything in the tenant but other users' inboxes ({@code user:}) and publishing to
 * {@code user:} and {@code tenant:} channels. Immutable.
 */
public final class Permissions {
  /** An action that a token may allow on a channel. */
  public enum Action {
    SUBSCRIBE,
    PUBLISH,
    PRESENCE,
    HISTORY
  }

  /** Patterns of one action, at the most. */
  public static final int MAX_PATTERNS = 100;

  private static final String INBOX = "user:";
  private static final String TENANT = "tenant:";

  private final UserId user;

  /**
   * By action its patterns, each behind a character that is its length; null without {@code can}.
   * Every connection has them, and so they take little more than what the token says.
   */
  private final @Nullable Map<Action, String> granted;

  private Permissions(UserId user, @Nullable Map<Action, String> granted) {
    this.user = user;
    this.granted = granted;
  }

  /** What a token without {@code can} allows its user. */
  public static Permissions ofUser(UserId user) {
    return new Permissions(user, null);
  }

  /**
   * What {@code can} lists, and nothing else: an action that it doesn't name is not allowed
   * anywhere.
   */
  public static Permissions granted(UserId user, Map<Action, List<ChannelPattern>> patterns) {
    Map<Action, String> granted = new EnumMap<>(Action.class);
    patterns.forEach(
        (action, ofAction) -> {
          StringBuilder all = new StringBuilder();
          for (ChannelPattern pattern : ofAction) {
            all.append((char) pattern.text().length()).append(pattern.text());
          }
          granted.put(action, all.toString());
        });
    return new Permissions(user, granted);
  }

  public boolean allows(Action action, Channel channel) {
    return allowsNamed(action, channel.value());
  }

  /** Whether a user is there: as presence in its inbox, also where no channel can be called so. */
  public boolean allowsPresenceOf(UserId user) {
    return allowsNamed(Action.PRESENCE, INBOX + user.value());
  }

  boolean allowsNamed(Action action, String name) {
    if (granted != null) {
      return matchesOne(granted.getOrDefault(action, ""), name);
    }
    if (name.startsWith(INBOX)) {
      return action != Action.PUBLISH && isInbox(name);
    }
    return action != Action.PUBLISH || !name.startsWith(TENANT);
  }

  private static boolean matchesOne(String patterns, String name) {
    int at = 0;
    while (at < patterns.length()) {
      int from = at + 1;
      at = from + patterns.charAt(at);
      if (ChannelPattern.matches(patterns, from, at, name)) {
        return true;
      }
    }
    return false;
  }

  /** Compared in place: a name of its own would cost every idle connection. */
  private boolean isInbox(String name) {
    String id = user.value();
    return name.length() == INBOX.length() + id.length() && name.endsWith(id);
  }
}
