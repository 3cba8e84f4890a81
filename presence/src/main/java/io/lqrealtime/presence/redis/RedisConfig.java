package io.lqrealtime.presence.redis;

import io.lettuce.core.RedisURI;
import io.lqrealtime.config.ConfigurationException;
import io.lqrealtime.config.Environment;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How Redis is reached, and how long a gateway's lease is. Printing it shows no password.
 *
 * @param servers where Redis is
 * @param commandTimeout after this, a call that was not answered has failed
 * @param queue how many calls may be unanswered on a connection; more fail at once
 * @param lease how long a gateway's lease lasts
 * @param lastSeen how long it is kept when a user's last connection went; not at all, if zero
 * @param prefix what every key starts with
 */
public record RedisConfig(
    RedisServers servers,
    Duration commandTimeout,
    int queue,
    Duration lease,
    Duration lastSeen,
    String prefix) {
  private static final String SENTINEL_USER = "LQ_REDIS_SENTINEL_USER";
  private static final String SENTINEL_PASSWORD = "LQ_REDIS_SENTINEL_PASSWORD";
  static final Duration MIN_LEASE = Duration.ofSeconds(2);
  static final Duration MAX_LEASE = Duration.ofMinutes(5);
  private static final Duration COMMAND_TIMEOUT = Duration.ofMillis(500);
  private static final int QUEUE = 4_096;
  private static final Duration LEASE = Duration.ofSeconds(10);
  private static final Duration LAST_SEEN = Duration.ofDays(30);
  private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9_.:-]{1,64}");

  public RedisConfig {
    if (!PREFIX.matcher(prefix).matches()) {
      throw new IllegalArgumentException("must be 1 to 64 characters out of A-Z a-z 0-9 _ . : -");
    }
  }

  /** One server without password, and defaults for the rest. */
  public static RedisConfig of(String host, int port) {
    return new RedisConfig(
        new RedisServers.One(RedisURI.create(host, port)),
        COMMAND_TIMEOUT,
        QUEUE,
        LEASE,
        LAST_SEEN,
        "lq");
  }

  /**
   * Reads the settings.
   *
   * @throws ConfigurationException naming the key of a value that is wrong
   */
  public static RedisConfig from(Environment environment) {
    Optional<String> uri =
        environment.optional(
            "LQ_REDIS_URI",
            RedisServers.TAKES,
            "Redis, which holds presence and the gateways' leases; goes before REDIS_HOST");
    Optional<String> sentinelUser =
        environment.optional(
            SENTINEL_USER,
            "a user's name",
            "Who asks the Sentinels, where their default user won't do");
    Optional<char[]> sentinelPassword =
        environment.secret(
            SENTINEL_PASSWORD,
            String::toCharArray,
            "a password",
            "The password of the Sentinels, where they ask for one");
    String host =
        environment.text("REDIS_HOST", "localhost", "a host name", "Redis without LQ_REDIS_URI");
    int port = environment.integer("REDIS_PORT", 6379, 1, 65_535, "The port of REDIS_HOST");
    Duration timeout =
        environment.duration(
            "LQ_REDIS_COMMAND_TIMEOUT",
            COMMAND_TIMEOUT,
            Duration.ofMillis(10),
            Duration.ofSeconds(30),
            "A call that Redis has not answered by then has failed");
    int queue =
        environment.integer(
            "LQ_REDIS_QUEUE", QUEUE, 256, 1_000_000, "Calls unanswered at once; more fail at once");
    Duration lease =
        environment.duration(
            "LQ_LEASE",
            LEASE,
            MIN_LEASE,
            MAX_LEASE,
            "How long a gateway's lease lasts; it is renewed each second at least, and a"
                + " gateway whose lease has been missing for this long is taken for dead. The same"
                + " everywhere");
    Duration lastSeen =
        environment.duration(
            "LQ_PRESENCE_LAST_SEEN",
            LAST_SEEN,
            Duration.ZERO,
            Duration.ofDays(366),
            "How long it is kept when a user was last seen; 0s: not at all");
    RedisServers servers = uri.map(RedisConfig::servers).orElseGet(() -> servers(host, port));
    authenticateAtSentinel(servers, sentinelUser, sentinelPassword);
    String prefix =
        environment.value(
            "LQ_REDIS_PREFIX",
            "lq",
            RedisConfig::prefix,
            "1 to 64 characters out of A-Z a-z 0-9 _ . : -",
            "What every key in Redis starts with");
    return new RedisConfig(servers, timeout, queue, lease, lastSeen, prefix);
  }

  private static void authenticateAtSentinel(
      RedisServers servers, Optional<String> user, Optional<char[]> password) {
    if (password.isEmpty() && user.isEmpty()) {
      return;
    }
    if (password.isEmpty()) {
      throw new ConfigurationException(SENTINEL_USER, "wants " + SENTINEL_PASSWORD + " as well");
    }
    if (!servers.areBehindSentinel()) {
      throw new ConfigurationException(
          SENTINEL_PASSWORD, "is for an LQ_REDIS_URI of redis-sentinel://");
    }
    servers.authenticateAtSentinel(user, password.get());
  }

  private static String prefix(String text) {
    if (!PREFIX.matcher(text).matches()) {
      throw new IllegalArgumentException("must be 1 to 64 characters out of A-Z a-z 0-9 _ . : -");
    }
    return text;
  }

  private static RedisServers servers(String host, int port) {
    try {
      return new RedisServers.One(RedisURI.create(host, port));
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException("REDIS_HOST", "must be a host name");
    }
  }

  private static RedisServers servers(String uri) {
    try {
      return RedisServers.parse(uri);
    } catch (IllegalArgumentException e) {
      // Neither the value nor the cause is told: both may hold the password.
      throw new ConfigurationException("LQ_REDIS_URI", "must be " + RedisServers.TAKES);
    }
  }
}
