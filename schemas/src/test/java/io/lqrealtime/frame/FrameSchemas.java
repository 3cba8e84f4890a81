package io.lqrealtime.frame;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The schema files, as they lie on the class path. */
public final class FrameSchemas {
  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
  private static final Map<String, Schema> SCHEMAS = new ConcurrentHashMap<>();

  private FrameSchemas() {}

  /** The types that have a file, {@code client} or {@code server}. */
  public static Set<String> types(String side) {
    return names(Path.of("frames", side));
  }

  /** The schemas of control records' values. */
  public static Set<String> records() {
    return names(Path.of("records"));
  }

  private static Set<String> names(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return new TreeSet<>(
          files.map(file -> file.getFileName().toString().replaceFirst("\\.json$", "")).toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static JsonNode client(String type) {
    return read("frames/client/" + type + ".json");
  }

  public static JsonNode server(String type) {
    return read("frames/server/" + type + ".json");
  }

  public static JsonNode read(String path) {
    try (InputStream file = FrameSchemas.class.getResourceAsStream("/schemas/" + path)) {
      return Frames.json(file.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a schema has against a text; nothing where it is valid. */
  public static List<String> faults(String path, String json) {
    Schema schema =
        SCHEMAS.computeIfAbsent(
            path, p -> REGISTRY.getSchema(SchemaLocation.of("classpath:schemas/" + p)));
    return schema
        .validate(
            json,
            InputFormat.JSON,
            context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)))
        .stream()
        .map(Object::toString)
        .toList();
  }
}
