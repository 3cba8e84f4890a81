package io.lqrealtime.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lqrealtime.frame.CloseReason;
import io.lqrealtime.frame.ErrorCode;
import io.lqrealtime.frame.FrameSchemas;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Holds the tables and examples of docs/PROTOCOL.md to the code. */
class ProtocolDocumentTest {
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");

  private final List<String> lines = read();

  private static List<String> read() {
    try {
      return Files.readAllLines(Path.of("../docs/PROTOCOL.md"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The rows of the table that follows the header row, as their cells. */
  private List<List<String>> table(String headerRow) {
    List<Integer> starts = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).equals(headerRow)) {
        starts.add(i);
      }
    }
    assertThat(starts).as(headerRow).hasSize(1);
    List<List<String>> rows = new ArrayList<>();
    for (int i = starts.getFirst() + 2; lines.get(i).startsWith("|"); i++) {
      String row = lines.get(i);
      rows.add(
          Arrays.stream(row.substring(1, row.length() - 1).split("\\|"))
              .map(String::strip)
              .toList());
    }
    return rows;
  }

  /** What stands between backticks. */
  private static Set<String> codes(String cell) {
    Set<String> codes = new TreeSet<>();
    Matcher matcher = CODE.matcher(cell);
    while (matcher.find()) {
      codes.add(matcher.group(1));
    }
    return codes;
  }

  private static Set<String> firstCodes(List<List<String>> rows) {
    Set<String> codes = new TreeSet<>();
    rows.forEach(row -> codes.addAll(codes(row.getFirst())));
    return codes;
  }

  @Test
  void closeCodes_areThoseOfTheCode() {
    List<String> rows =
        table("| code | reason | resumable | when |").stream()
            .map(row -> String.join(" | ", row.subList(0, 3)))
            .toList();

    assertThat(rows)
        .isEqualTo(
            Arrays.stream(CloseReason.values())
                .map(
                    reason ->
                        reason.code()
                            + " | "
                            + reason.text()
                            + " | "
                            + (reason.resumable() ? "yes" : "no"))
                .toList());
  }

  @Test
  void errorCodes_areThoseOfTheCode() {
    assertThat(table("| code | meaning | worth trying again |").stream().map(List::getFirst))
        .containsExactlyElementsOf(
            Arrays.stream(ErrorCode.values()).map(code -> '`' + code.wireName() + '`').toList());
  }

  @Test
  void frames_areThoseOfTheSchemas() {
    assertThat(firstCodes(table("| type | fields (`?`: optional) | answer |")))
        .isEqualTo(FrameSchemas.types("client"));
    assertThat(firstCodes(table("| type | fields (`?`: optional) | when |")))
        .isEqualTo(FrameSchemas.types("server"));
  }

  @Test
  void frames_everyField_isNamed() {
    for (List<String> row : table("| type | fields (`?`: optional) | when |")) {
      for (String type : codes(row.getFirst())) {
        JsonNode schema = FrameSchemas.server(type);
        Set<String> fields = new TreeSet<>();
        schema.get("properties").fieldNames().forEachRemaining(fields::add);
        schema.at("/properties/payload/properties").fieldNames().forEachRemaining(fields::add);
        fields.remove("type");
        assertThat(codes(row.get(1) + row.get(2))).as(type).containsAll(fields);
      }
    }
    for (List<String> row : table("| type | fields (`?`: optional) | answer |")) {
      for (String type : codes(row.getFirst())) {
        Set<String> fields = new TreeSet<>();
        FrameSchemas.client(type).get("properties").fieldNames().forEachRemaining(fields::add);
        // Said once, above the table.
        fields.removeAll(Set.of("type", "id"));
        assertThat(codes(row.get(1))).as(type).containsAll(fields);
      }
    }
  }

  @Test
  void examples_areValid() throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    Set<String> shown = new TreeSet<>();
    List<String> sides = List.of("client", "server");
    int block = -1;
    boolean inBlock = false;
    for (String line : lines) {
      if (line.equals("```json")) {
        inBlock = true;
        block++;
      } else if (line.equals("```")) {
        inBlock = false;
      } else if (inBlock) {
        String type = mapper.readTree(line).get("type").textValue();
        String side = sides.get(block);
        assertThat(FrameSchemas.faults("frames/" + side + '/' + type + ".json", line))
            .as(line)
            .isEmpty();
        shown.add(side + '.' + type);
      }
    }

    Set<String> all = new TreeSet<>();
    sides.forEach(side -> FrameSchemas.types(side).forEach(type -> all.add(side + '.' + type)));
    assertThat(shown).as("every frame is shown").isEqualTo(all);
  }

  @Test
  void topicsHeadersAndReasons_areThoseOfTheCode() {
    assertThat(firstCodes(table("| topic | holds |")))
        .isEqualTo(Vocabulary.topics("<gateway>", "<region>"));
    assertThat(firstCodes(table("| header | on | is |"))).isEqualTo(Vocabulary.headers());
    assertThat(
            table("| reason | the record |").stream().map(row -> row.getFirst().replace("`", "")))
        .containsExactlyElementsOf(Vocabulary.deadLetterReasons());
  }

  @Test
  void gatewayRecords_areThoseOfTheCode() {
    List<List<String>> rows = table("| kind | record | fields in order |");

    assertThat(rows.stream().map(row -> row.get(1)))
        .containsExactlyInAnyOrderElementsOf(Vocabulary.gatewayRecords().keySet());
    for (List<String> row : rows) {
      assertThat(row.get(2))
          .as(row.get(1))
          .contains(Vocabulary.gatewayRecords().get(row.get(1)).toArray(String[]::new));
    }
  }
}
