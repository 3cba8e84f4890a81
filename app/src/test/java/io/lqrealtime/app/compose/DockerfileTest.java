package io.lqrealtime.app.compose;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.app.Lq;
import io.lqrealtime.app.docs.Repository;
import io.lqrealtime.app.management.ManagementServer;
import io.lqrealtime.app.management.Metrics;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The image's recipe fits the project, and its health check tells ready from not ready. */
class DockerfileTest {
  private final List<List<String>> instructions = instructions();

  private static List<List<String>> instructions() {
    List<List<String>> all = new ArrayList<>();
    String text = Repository.read("compose/Dockerfile").replaceAll("\\\\\n\\s*", " ");
    for (String line : text.lines().toList()) {
      if (!line.isBlank() && !line.startsWith("#")) {
        all.add(List.of(line.split("\\s+")));
      }
    }
    return all;
  }

  private List<List<String>> of(String keyword) {
    return instructions.stream().filter(words -> words.getFirst().equals(keyword)).toList();
  }

  @Test
  void whatIsCopied_isThere_andIsNotIgnored() {
    String ignore = Repository.read("compose/Dockerfile.dockerignore");
    int checked = 0;
    for (List<String> copy : of("COPY")) {
      if (copy.get(1).startsWith("--from")) {
        continue;
      }
      List<String> paths = copy.stream().skip(1).filter(word -> !word.startsWith("--")).toList();
      for (String source : paths.subList(0, paths.size() - 1)) {
        assertThat(Repository.path(source)).as(source).exists();
        assertThat(ignore.lines()).as(source).contains("!" + source);
        checked++;
      }
    }
    assertThat(checked).isGreaterThan(8);
  }

  @Test
  void everyModuleOfTheBuild_isCopied_orItsPomIs() {
    List<String> copied = of("COPY").stream().map(words -> words.get(1)).toList();
    List<String> modules =
        Pattern.compile("<module>(.*?)</module>")
            .matcher(Repository.read("pom.xml"))
            .results()
            .map(found -> found.group(1))
            .toList();

    assertThat(modules).contains("app");
    for (String module : modules) {
      assertThat(copied).containsAnyOf(module, module + "/pom.xml");
    }
  }

  @Test
  void imagesBuiltOn_arePinnedByATag_andAreOfTheJavaThatIsCompiledFor() {
    String release =
        Repository.read("pom.xml").replaceAll("(?s).*<maven.compiler.release>(.*?)<.*", "$1");
    assertThat(of("FROM")).hasSize(2);
    for (List<String> from : of("FROM")) {
      assertThat(from.get(1)).matches("[a-z/-]+:[0-9][A-Za-z0-9.-]*");
      assertThat(from.get(1)).contains(release);
    }
    assertThat(of("FROM").getLast().get(1)).contains("-jre");
  }

  @Test
  void theProcess_isNotRoot_andGetsSignalsItself() {
    List<String> user = of("USER").getLast();
    assertThat(user.get(1)).matches("[1-9][0-9]*");
    String entry = String.join(" ", of("ENTRYPOINT").getLast());
    assertThat(entry)
        .startsWith("ENTRYPOINT [\"java\"")
        .endsWith("\"" + Lq.class.getName() + "\"]");
    assertThat(instructions.indexOf(user))
        .isLessThan(instructions.indexOf(of("ENTRYPOINT").getLast()));
  }

  @Test
  void theJvm_getsTheOptionsThatTheProjectIsTestedWith() {
    String options = Repository.read("pom.xml").replaceAll("(?s).*<lq.jvm.options>(.*?)<.*", "$1");
    assertThat(of("ENTRYPOINT").getLast().toString().replaceAll("[\",\\[\\]]", " ").split("\\s+"))
        .contains(options.split(" "));
  }

  @Test
  void exposedPorts_areTheDefaults() {
    assertThat(of("EXPOSE").getLast()).containsExactly("EXPOSE", "8082", "8083");
    String operations = Repository.read("docs/OPERATIONS.md");
    assertThat(operations).contains("| `WS_PORT` | gateway | 8082 |");
    assertThat(operations).contains("| `LQ_MANAGEMENT_PORT` | gateway, router | 8083 |");
  }

  @Test
  void healthcheck_succeedsOnlyWhileTheProcessIsReady() throws IOException, InterruptedException {
    AtomicReference<List<String>> reasons = new AtomicReference<>(List.of("starting"));
    int port;
    try (Metrics metrics = new Metrics();
        ManagementServer server = ManagementServer.start("127.0.0.1", 0, metrics, reasons::get)) {
      port = server.address().getPort();
      assertThat(healthcheck(port)).isNotZero();
      reasons.set(List.of());
      assertThat(healthcheck(port)).isZero();
    }
    assertThat(healthcheck(port)).isNotZero();
  }

  private static int healthcheck(int port) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder("bash", Repository.path("compose/healthcheck").toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("LQ_MANAGEMENT_PORT", Integer.toString(port));
    Process process = builder.start();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }
}
