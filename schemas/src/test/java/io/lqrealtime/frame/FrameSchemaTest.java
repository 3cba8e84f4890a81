package io.lqrealtime.frame;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lqrealtime.frame.ClientFrame.Rejected;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the schema files and the code to each other. */
class FrameSchemaTest {
  private static final Set<String> CLIENT_TYPES =
      Arrays.stream(ClientFrame.class.getPermittedSubclasses())
          .filter(type -> type != Rejected.class)
          .map(type -> type.getSimpleName().toLowerCase(Locale.ROOT))
          .collect(Collectors.toCollection(TreeSet::new));

  static List<ServerFrameExamples.Example> serverFrames() {
    return ServerFrameExamples.all();
  }

  static Stream<String> files() {
    return Stream.concat(
        FrameSchemas.types("client").stream().map(type -> "frames/client/" + type + ".json"),
        Stream.concat(
            FrameSchemas.types("server").stream().map(type -> "frames/server/" + type + ".json"),
            FrameSchemas.records().stream().map(name -> "records/" + name + ".json")));
  }

  @Test
  void files_areTheTypesOfTheCode() {
    Set<String> writers =
        Arrays.stream(ServerFrames.class.getDeclaredMethods())
            .filter(method -> Modifier.isPublic(method.getModifiers()))
            .filter(
                method ->
                    method.getReturnType() == byte[].class
                        || method.getReturnType() == HistoryPage.class)
            .map(Method::getName)
            .collect(Collectors.toSet());
    Set<String> written =
        serverFrames().stream()
            .map(ServerFrameExamples.Example::writer)
            .collect(Collectors.toSet());
    Set<String> types =
        serverFrames().stream()
            .map(example -> Frames.json(example.frame()).get("type").textValue())
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(written).as("every writer has an example").isEqualTo(writers);
    assertThat(FrameSchemas.types("server")).isEqualTo(types);
    assertThat(FrameSchemas.types("client")).isEqualTo(CLIENT_TYPES);
  }

  @ParameterizedTest
  @MethodSource("serverFrames")
  void serverFrame_asWritten_isValid(ServerFrameExamples.Example example) {
    String type = Frames.json(example.frame()).get("type").textValue();

    assertThat(FrameSchemas.faults("frames/server/" + type + ".json", Frames.text(example.frame())))
        .isEmpty();
  }

  @Test
  void serverFrames_fields_areThoseOfTheSchemas() {
    Map<String, TreeSet<String>> written = new TreeMap<>();
    for (ServerFrameExamples.Example example : serverFrames()) {
      JsonNode frame = Frames.json(example.frame());
      TreeSet<String> fields =
          written.computeIfAbsent(frame.get("type").textValue(), type -> new TreeSet<>());
      frame.fieldNames().forEachRemaining(fields::add);
      boolean isOurs = !Set.of("message", "pong").contains(frame.get("type").textValue());
      if (isOurs && frame.has("payload")) {
        frame.get("payload").fieldNames().forEachRemaining(name -> fields.add("payload." + name));
      }
    }
    Map<String, Set<String>> described = new TreeMap<>();
    for (String type : FrameSchemas.types("server")) {
      described.put(type, properties(FrameSchemas.server(type)));
    }

    assertThat(described).isEqualTo(written);
  }

  private static Set<String> properties(JsonNode schema) {
    TreeSet<String> names = new TreeSet<>();
    schema.get("properties").fieldNames().forEachRemaining(names::add);
    schema
        .at("/properties/payload/properties")
        .fieldNames()
        .forEachRemaining(name -> names.add("payload." + name));
    return names;
  }

  @Test
  void errorCodes_areThoseOfTheCode() {
    JsonNode codes = FrameSchemas.server("error").at("/properties/payload/properties/code/oneOf");
    List<String> described =
        codes.valueStream().map(code -> code.get("const").textValue()).toList();

    assertThat(described)
        .isEqualTo(Arrays.stream(ErrorCode.values()).map(ErrorCode::wireName).toList());
  }

  @ParameterizedTest
  @MethodSource("files")
  void file_everyProperty_hasADescription(String file) {
    JsonNode schema = FrameSchemas.read(file);

    assertThat(schema.get("$schema").textValue())
        .isEqualTo("https://json-schema.org/draft/2020-12/schema");
    assertThat(schema.get("title").textValue()).isNotBlank();
    assertThat(schema.get("description").textValue()).isNotBlank();
    for (JsonNode properties : schema.findValues("properties")) {
      properties
          .properties()
          .forEach(
              property ->
                  assertThat(property.getValue().path("description").asText())
                      .as("%s in %s", property.getKey(), file)
                      .isNotBlank());
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void file_examples_areValidAndTakenByTheCode(String file) {
    JsonNode examples = FrameSchemas.read(file).get("examples");
    assertThat(examples).isNotEmpty();
    for (JsonNode example : examples) {
      assertThat(FrameSchemas.faults(file, example.toString())).as("%s", example).isEmpty();
      if (file.startsWith("frames/client/")) {
        assertThat(Frames.parse(example.toString()))
            .as("%s", example)
            .isNotInstanceOf(Rejected.class)
            .matches(
                frame ->
                    frame
                        .getClass()
                        .getSimpleName()
                        .toLowerCase(Locale.ROOT)
                        .equals(example.get("type").textValue()));
      }
    }
  }

  /** A field and the values that are tried for it; the first one is right. */
  private record Field(String name, List<String> values) {}

  private static Field field(String name, String... values) {
    return new Field(name, List.of(values));
  }

  private static final List<Field> FIELDS =
      List.of(
          field(
              "id",
              "\"a\"",
              "\"\"",
              "5",
              "null",
              "\"\\u0000\"",
              quoted("😀", 128),
              quoted("😀", 129)),
          field(
              "channel",
              "\"room.1\"",
              "\"a b\"",
              "\"\"",
              "7",
              "[]",
              quoted("x", 200),
              quoted("x", 201),
              "\"é\"",
              "\"a\\n\""),
          field(
              "since",
              "\"earliest\"",
              "\"latest\"",
              "\"us.aaaaaaaa.1.2\"",
              "\"us.aaaaaaaa.1.2~eu.bbbbbbbb.0.0\"",
              "\"us.aaaaaaaa.01.2\"",
              "\"us.aaaaaaa1.1.2\"",
              "\"us.aaaaaaaa.1\"",
              "\"us.aaaaaaaa.1.2~\"",
              "\"2026-01-02T03:04:05Z\"",
              "\"2026-01-02T03:04:05.25-08:00\"",
              "\"2026-02-30T03:04:05Z\"",
              "\"2026-01-02T03:04:05\"",
              "\"2026-01-02\"",
              "\"\"",
              "5",
              "null"),
          field("presence", "true", "false", "null", "0", "\"true\""),
          field(
              "limit", "1", "1000", "0", "1001", "1.5", "2.0", "1e2", "-1", "\"5\"", "null",
              "1e400"),
          field(
              "payload",
              "null",
              "1.50",
              "{}",
              "[]",
              "\"x\"",
              "{\"token\":\"a.b.c\"}",
              "{\"token\":5}",
              "{\"x\":{\"token\":\"a\"}}"),
          field("other", "{}", "null"));

  private static String quoted(String character, int times) {
    return '"' + character.repeat(times) + '"';
  }

  @Test
  void clientFrames_anyCombinationOfFields_isValidIfAndOnlyIfTheParserTakesIt() {
    long seed = 2020;
    Random random = new Random(seed);
    int taken = 0;
    int refused = 0;
    for (int i = 0; i < 1_500; i++) {
      for (String type : CLIENT_TYPES) {
        StringBuilder frame = new StringBuilder("{\"type\":\"" + type + "\"");
        for (Field field : FIELDS) {
          // Mostly right, or hardly a frame would be.
          List<String> values = field.values();
          int choice = random.nextInt(4);
          if (choice < 3) {
            String value = values.get(choice < 2 ? 0 : random.nextInt(values.size()));
            frame.append(",\"" + field.name() + "\":" + value);
          }
        }
        String text = frame.append('}').toString();
        List<String> faults = FrameSchemas.faults("frames/client/" + type + ".json", text);
        ClientFrame parsed = Frames.parse(text);
        if (faults.isEmpty() == parsed instanceof Rejected) {
          throw new AssertionError(
              "seed "
                  + seed
                  + ": the schema says "
                  + faults
                  + ", the parser "
                  + parsed
                  + " of "
                  + text);
        }
        taken += faults.isEmpty() ? 1 : 0;
        refused += faults.isEmpty() ? 0 : 1;
      }
    }
    System.out.println("seed " + seed + ": " + taken + " frames taken, " + refused + " refused");
    assertThat(taken).isGreaterThan(500);
    assertThat(refused).isGreaterThan(500);
  }
}
