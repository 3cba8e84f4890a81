package io.lqrealtime.app;

import io.lqrealtime.app.management.ManagementConfig;
import io.lqrealtime.config.Environment;
import io.lqrealtime.gateway.GatewayConfig;
import io.lqrealtime.presence.redis.RedisConfig;
import io.lqrealtime.router.RouterConfig;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/** What the roles read from the environment; so that it can be documented, and a slip be seen. */
public final class RoleSettings {
  /** Not REDIS_: whoever runs a Redis there may have variables of that name for it. */
  private static final List<String> PREFIXES = List.of("LQ_", "WS_");

  private static final String SECRET = "0123456789abcdef0123456789abcdef";

  /** The least that every role starts with. */
  private static final Map<String, String> GIVEN =
      Map.of("LQ_AUTH_HS256_SECRET", SECRET, "LQ_CONTROL_KEY", SECRET);

  /** Read by scripts, logging and single commands rather than by a role's configuration. */
  public static final Set<String> OTHERS =
      Set.of(
          "LQ_LOG_LEVEL", "LQ_LOG_FORMAT", "LQ_JAVA_OPTS", "LQ_JAVA_HOME", "LQ_NO_AOT", "LQ_TOKEN");

  private RoleSettings() {}

  /** What a gateway reads, by key; one that ends in {@code *} stands for all that start so. */
  public static SortedMap<String, Environment.Setting> gateway() {
    return read(GatewayConfig::from, RedisConfig::from, ManagementConfig::from);
  }

  /** Likewise, what a router reads. */
  public static SortedMap<String, Environment.Setting> router() {
    return read(RouterConfig::from, RedisConfig::from, ManagementConfig::from);
  }

  /** Whether a key as documented is the other one, or stands for it. */
  public static boolean covers(String documented, String key) {
    return documented.endsWith("*")
        ? key.startsWith(documented.substring(0, documented.length() - 1))
        : documented.equals(key);
  }

  /**
   * The keys that begin like a setting and are none, in order: mistyped, it is to be feared. Those
   * of one role are known to the others, since an environment may be for all.
   */
  static List<String> unknown(Set<String> keys) {
    List<String> ours =
        keys.stream().filter(key -> PREFIXES.stream().anyMatch(key::startsWith)).sorted().toList();
    if (ours.isEmpty()) {
      return ours;
    }
    Set<String> known = new HashSet<>(OTHERS);
    known.addAll(gateway().keySet());
    known.addAll(router().keySet());
    List<String> ofNoClient = KafkaRules.unknown(keys);
    return ours.stream()
        .filter(
            key ->
                ofNoClient.contains(key)
                    || known.stream().noneMatch(documented -> covers(documented, key)))
        .toList();
  }

  @SafeVarargs
  private static SortedMap<String, Environment.Setting> read(Consumer<Environment>... readers) {
    Environment environment = new Environment(GIVEN);
    for (Consumer<Environment> reader : readers) {
      reader.accept(environment);
    }
    SortedMap<String, Environment.Setting> settings = new TreeMap<>();
    environment.settings().forEach(setting -> settings.put(setting.key(), setting));
    return settings;
  }
}
