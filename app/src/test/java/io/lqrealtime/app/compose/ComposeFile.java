package io.lqrealtime.app.compose;

import io.lqrealtime.app.docs.Repository;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** compose/docker-compose.yml, read as Compose reads it as far as these tests need. */
record ComposeFile(Map<String, Object> services) {
  private static final Pattern REQUIRED = Pattern.compile("\\$\\{([A-Z0-9_]+):\\?[^}]+}");

  static ComposeFile read() {
    return new ComposeFile(map(yaml("compose/docker-compose.yml").get("services")));
  }

  static Map<String, Object> yaml(String file) {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    return map(new Yaml(new SafeConstructor(options)).load(Repository.read(file)));
  }

  Map<String, Object> service(String name) {
    if (!services.containsKey(name)) {
      throw new AssertionError("no service " + name);
    }
    return map(services.get(name));
  }

  /** The services that run our image with this command. */
  List<String> running(String command) {
    return services.keySet().stream()
        .filter(name -> image(name).startsWith("lq-realtime:"))
        .filter(name -> command(name).getFirst().equals(command))
        .toList();
  }

  String image(String name) {
    return String.valueOf(service(name).get("image"));
  }

  List<String> command(String name) {
    return strings(service(name).get("command"));
  }

  List<String> ports(String name) {
    return strings(service(name).get("ports"));
  }

  /** As written, with its variables. */
  Map<String, String> environment(String name) {
    Map<String, String> environment = new LinkedHashMap<>();
    Object written = service(name).get("environment");
    if (written != null) {
      map(written).forEach((key, value) -> environment.put(key, String.valueOf(value)));
    }
    return environment;
  }

  /** The variables without which Compose refuses to start. */
  static Set<String> requiredVariables() {
    Set<String> names = new TreeSet<>();
    Matcher matcher = REQUIRED.matcher(Repository.read("compose/docker-compose.yml"));
    while (matcher.find()) {
      names.add(matcher.group(1));
    }
    return names;
  }

  /** With every required variable set. */
  static Map<String, String> filledIn(Map<String, String> environment) {
    Map<String, String> filled = new LinkedHashMap<>();
    environment.forEach(
        (key, value) ->
            filled.put(
                key, REQUIRED.matcher(value).replaceAll("0123456789abcdef0123456789abcdef")));
    return filled;
  }

  static Map<String, Object> map(Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      throw new AssertionError("not a mapping: " + value);
    }
    Map<String, Object> typed = new LinkedHashMap<>();
    map.forEach((key, entry) -> typed.put(String.valueOf(key), entry));
    return typed;
  }

  static List<String> strings(Object value) {
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof List<?> list)) {
      throw new AssertionError("not a list: " + value);
    }
    return list.stream().map(String::valueOf).toList();
  }
}
