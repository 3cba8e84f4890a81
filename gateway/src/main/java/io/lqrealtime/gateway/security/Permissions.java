package io.lqrealtime.gateway.security;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.UserId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
  private final Optional<Map<Action, List<ChannelPattern>>> granted;

  private Permissions(UserId user, Optional<Map<Action, List<ChannelPattern>>> granted) {
    this.user = user;
    this.granted = granted;
  }

  /** What a token without {@code can} allows its user. */
  public static Permissions ofUser(UserId user) {
    return new Permissions(user, Optional.empty());
  }

  /**
   * What {@code can} lists, and nothing else: an action that it doesn't name is not allowed
   * anywhere.
   */
  public static Permissions granted(UserId user, Map<Action, List<ChannelPattern>> patterns) {
    return new Permissions(user, Optional.of(Map.copyOf(patterns)));
  }

  public boolean allows(Action action, Channel channel) {
    return allows(action, channel.value());
  }

  /** Whether a user is there: as presence in its inbox, also where no channel can be called so. */
  public boolean allowsPresenceOf(UserId user) {
    return allows(Action.PRESENCE, INBOX + user.value());
  }

  private boolean allows(Action action, String name) {
    if (granted.isPresent()) {
      for (ChannelPattern pattern : granted.get().getOrDefault(action, List.of())) {
        if (pattern.matches(name)) {
          return true;
        }
      }
      return false;
    }
    if (name.startsWith(INBOX)) {
      return action != Action.PUBLISH && isInbox(name);
    }
    return action != Action.PUBLISH || !name.startsWith(TENANT);
  }

  /** Compared in place: a name of its own would cost every idle connection. */
  private boolean isInbox(String name) {
    String id = user.value();
    return name.length() == INBOX.length() + id.length() && name.endsWith(id);
  }
}
