package io.lqrealtime.presence.redis;

import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisURI;
import io.lettuce.core.StaticCredentialsProvider;
import io.lettuce.core.cluster.RedisClusterURIUtil;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** Where Redis is. Lettuce's URIs mask a password when they are printed. */
public sealed interface RedisServers {
  /** One server, or the one that Sentinel names. */
  record One(RedisURI uri) implements RedisServers {}

  /** A cluster, found through any of these nodes. */
  record Cluster(List<RedisURI> seeds) implements RedisServers {
    public Cluster {
      seeds = List.copyOf(seeds);
    }
  }

  /** The schemes that {@link #parse} takes. */
  String TAKES =
      "redis://[user:password@]host:port[/database], rediss://… (TLS),"
          + " redis-sentinel://[user:password@]host:port,host:port/database?sentinelMasterId=name"
          + " (user and password are those of the servers behind it; rediss-sentinel://… with TLS),"
          + " or redis-cluster://[user:password@]host:port,host:port (rediss-cluster://… with TLS)";

  /** Whether the servers are asked for from Sentinel. */
  default boolean areBehindSentinel() {
    return this instanceof One(RedisURI uri) && !uri.getSentinels().isEmpty();
  }

  /** Has the Sentinels asked with this user and password. Those of the URI are the servers'. */
  default void authenticateAtSentinel(Optional<String> user, char[] password) {
    if (this instanceof One(RedisURI uri)) {
      RedisCredentials credentials = RedisCredentials.just(user.orElse(null), password);
      uri.getSentinels()
          .forEach(
              sentinel ->
                  sentinel.setCredentialsProvider(new StaticCredentialsProvider(credentials)));
    }
  }

  /**
   * Reads a URI.
   *
   * @throws IllegalArgumentException where it is none of {@link #TAKES}; its message and its cause
   *     may hold the password
   */
  static RedisServers parse(String text) {
    if (text.startsWith("redis-cluster://") || text.startsWith("rediss-cluster://")) {
      URI uri = URI.create(text.replaceFirst("-cluster", ""));
      return new Cluster(RedisClusterURIUtil.toRedisURIs(uri));
    }
    RedisURI uri = RedisURI.create(text);
    if (uri.getSentinels().isEmpty() && (uri.getHost() == null || uri.getHost().contains(","))) {
      throw new IllegalArgumentException("one host");
    }
    return new One(uri);
  }
}
