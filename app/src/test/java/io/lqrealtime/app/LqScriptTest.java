package io.lqrealtime.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.app.docs.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The script {@code ./lq}, as if built, with something for Java that says what it was given. */
@EnabledOnOs(OS.LINUX)
class LqScriptTest {
  private static final Set<String> LOCALE = Set.of("LC_ALL", "LC_CTYPE", "LANG");

  @TempDir private Path root;

  @BeforeEach
  void standIns() throws IOException {
    Path java = script("java", "echo \"$(locale charmap) ${LC_ALL:-unset} ${@: -1}\"");
    script("build/java25", "echo " + java);
    script("lq", Repository.read("lq"));
    Files.createDirectories(root.resolve("app/target"));
    Files.createFile(root.resolve("app/target/.built"));
  }

  private Path script(String name, String text) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text.startsWith("#!") ? text : "#!/usr/bin/env bash\n" + text + "\n");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  private String run(Map<String, String> locale) throws IOException, InterruptedException {
    return run(locale, "token");
  }

  private String run(Map<String, String> environment, String command)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(root.resolve("lq").toString(), command)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().keySet().removeAll(LOCALE);
    builder.environment().putAll(environment);
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).isZero();
    return out.strip();
  }

  @Test
  void withoutALocale_argumentsAreUtf8() throws Exception {
    assertThat(run(Map.of())).isEqualTo("UTF-8 C.UTF-8 token");
  }

  @ParameterizedTest
  @ValueSource(strings = {"C", "POSIX", "de_DE.ISO-8859-1", "xx_XX.UTF-8"})
  void inALocaleOfAnotherEncoding_orThatIsNotThere_theyAreToo(String locale) throws Exception {
    assertThat(run(Map.of("LC_ALL", locale))).isEqualTo("UTF-8 C.UTF-8 token");
    assertThat(run(Map.of("LANG", locale))).isEqualTo("UTF-8 C.UTF-8 token");
  }

  @Test
  void localeOfUtf8_staysAsItIs() throws Exception {
    assertThat(run(Map.of("LANG", "C.UTF-8"))).isEqualTo("UTF-8 unset token");
    assertThat(run(Map.of("LC_ALL", "C.utf8"))).isEqualTo("UTF-8 C.utf8 token");
  }

  /** The first start waits for no cache; one is made meanwhile, and the next start has it. */
  @Test
  @Timeout(30)
  void cacheOfClasses_isMadeBehindTheFirstDev() throws Exception {
    Path cache = root.resolve("app/target/lq.aot");
    script(
        "java",
        """
        for argument in "$@"; do
          case $argument in
            -XX:AOTCacheOutput=*) output=${argument#*=} ;;
            -XX:AOTCache=*) echo "with ${argument#*=}" ;;
          esac
        done
        if [ -n "${output:-}" ]; then
          trap 'echo classes >"$output"; exit 143' TERM
          echo "token"
          while :; do /bin/sleep 0.05; done
        fi
        echo "up"
        while [ ! -s "%s" ]; do /bin/sleep 0.05; done
        """
            .formatted(cache));
    // The cache's making does not begin before dev has had time to come up.
    script("bin/sleep", "exec /bin/sleep 0.05");
    Map<String, String> path =
        Map.of("PATH", root.resolve("bin") + ":" + System.getenv("PATH"), "LC_ALL", "C.UTF-8");

    assertThat(run(path, "dev")).isEqualTo("up");
    assertThat(run(path, "dev")).isEqualTo("with " + cache + "\nup");
  }
}
