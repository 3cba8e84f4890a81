package io.lqrealtime.app.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Links between the documents lead somewhere, and classes that they name are there. */
class LinksTest {
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern CLASS = Pattern.compile("`([A-Z][a-z]+(?:[A-Z][a-z0-9]+)+)`");

  @Test
  void everyLink_leadsToAFileAndHeading() {
    List<String> broken = new ArrayList<>();
    for (Path document : documents()) {
      Matcher matcher = LINK.matcher(Repository.read(document));
      while (matcher.find()) {
        if (!matcher.group(1).startsWith("http") && !leadsSomewhere(document, matcher.group(1))) {
          broken.add(document.getFileName() + ": " + matcher.group(1));
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  @Test
  void everyClassOfOursThatTheArchitectureNames_isThere() {
    List<String> classes =
        Repository.MODULES.stream()
            .flatMap(module -> Repository.files(Repository.path(module).resolve("src")))
            .map(source -> source.getFileName().toString().replace(".java", ""))
            .toList();
    List<String> ofOthers = List.of("KafkaRaftServer", "WebSocketChannel");
    Stream.concat(Stream.of(Repository.path("docs/ARCHITECTURE.md")), decisions())
        .forEach(
            document -> {
              Matcher matcher = CLASS.matcher(Repository.read(document));
              while (matcher.find()) {
                String name = matcher.group(1);
                assertThat(classes.contains(name) || ofOthers.contains(name))
                    .as(name + " in " + document.getFileName())
                    .isTrue();
              }
            });
  }

  @Test
  void decisions_areNumberedInARow_andTheArchitectureLinksEach() {
    String architecture = Repository.read("docs/ARCHITECTURE.md");
    List<String> names = decisions().map(file -> file.getFileName().toString()).toList();
    assertThat(names).isNotEmpty();
    for (int i = 0; i < names.size(); i++) {
      assertThat(names.get(i)).startsWith("%04d-".formatted(i + 1));
      assertThat(architecture).contains("(decisions/" + names.get(i) + ")");
    }
  }

  private static List<Path> documents() {
    return Stream.concat(
            Stream.of(Repository.path("README.md"), Repository.path("compose/README.md")),
            Repository.files(Repository.path("docs"))
                .filter(file -> file.toString().endsWith(".md")))
        .toList();
  }

  private static Stream<Path> decisions() {
    return Repository.files(Repository.path("docs/decisions"));
  }

  private static boolean leadsSomewhere(Path document, String link) {
    int hash = link.indexOf('#');
    String file = hash < 0 ? link : link.substring(0, hash);
    Path target = file.isEmpty() ? document : document.resolveSibling(file).normalize();
    if (!Files.exists(target)) {
      return false;
    }
    return hash < 0
        || Repository.read(target)
            .lines()
            .filter(line -> line.startsWith("#"))
            .map(LinksTest::anchor)
            .anyMatch(link.substring(hash + 1)::equals);
  }

  /** As GitHub makes anchors of headings. */
  private static String anchor(String heading) {
    return heading
        .replaceFirst("^#+ ", "")
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^\\p{L}\\p{N} _-]", "")
        .replace(' ', '-');
  }
}
