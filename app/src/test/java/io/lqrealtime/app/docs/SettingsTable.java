package io.lqrealtime.app.docs;

import io.lqrealtime.app.RoleSettings;
import io.lqrealtime.config.Environment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What the code reads from the environment, by role, and the document's table of it. */
public final class SettingsTable {
  private static final Set<String> REQUIRED = Set.of("LQ_CONTROL_KEY");

  /** Of defaults that are the machine's, what is documented. */
  private static final Map<String, String> OF_THE_MACHINE =
      Map.of("WS_IO_THREADS", "one a core", "LQ_AUTH_THREADS", "half as many as cores");

  private final Map<String, Map<String, Environment.Setting>> byRole = new LinkedHashMap<>();

  public SettingsTable() {
    byRole.put("gateway", RoleSettings.gateway());
    byRole.put("router", RoleSettings.router());
  }

  /** The keys that a role reads; one that ends in {@code *} stands for all that start so. */
  public Set<String> keys(String role) {
    return byRole.get(role).keySet();
  }

  public Set<String> keys() {
    Set<String> keys = new TreeSet<>();
    byRole.values().forEach(settings -> keys.addAll(settings.keySet()));
    return keys;
  }

  /** The defaults of a key, by role. */
  public Map<String, String> defaults(String key) {
    Map<String, String> defaults = new TreeMap<>();
    byRole.forEach(
        (role, settings) -> {
          if (settings.containsKey(key)) {
            defaults.put(role, settings.get(key).fallback());
          }
        });
    return defaults;
  }

  /** Whether a role reads the key, by itself or by what it starts with. */
  public boolean reads(String role, String key) {
    return keys(role).stream().anyMatch(known -> RoleSettings.covers(known, key));
  }

  /** The table in Markdown. */
  public String markdown() {
    StringBuilder table = new StringBuilder("| key | read by | default | takes | meaning |\n");
    table.append("| --- | --- | --- | --- | --- |\n");
    for (String key : keys()) {
      List<String> roles = byRole.keySet().stream().filter(role -> reads(role, key)).toList();
      Environment.Setting setting =
          byRole.values().stream()
              .filter(settings -> settings.containsKey(key))
              .findFirst()
              .orElseThrow()
              .get(key);
      table.append(
          "| `%s` | %s | %s | %s | %s |\n"
              .formatted(
                  key,
                  String.join(", ", roles),
                  fallback(key, setting),
                  escape(setting.takes()),
                  sentence(setting.prose())));
    }
    return table.toString();
  }

  private static String fallback(String key, Environment.Setting setting) {
    if (REQUIRED.contains(key)) {
      return "required";
    }
    String fallback = OF_THE_MACHINE.getOrDefault(key, setting.fallback());
    return fallback.startsWith("(") ? "none" : escape(fallback);
  }

  private static String sentence(String prose) {
    String text = escape(prose);
    String begun = Character.toUpperCase(text.charAt(0)) + text.substring(1);
    return begun.endsWith(".") ? begun : begun + ".";
  }

  private static String escape(String text) {
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*");
  }
}
