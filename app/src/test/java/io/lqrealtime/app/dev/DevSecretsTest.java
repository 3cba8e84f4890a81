package io.lqrealtime.app.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevSecretsTest {
  private static final String ONE = "a".repeat(43);
  private static final String OTHER = "b".repeat(43);

  @TempDir private Path directory;

  @Test
  void secrets_areMadeOnce_forNobodyElseToRead_asAnEnvironment() throws IOException {
    DevSecrets made = DevSecrets.in(directory);

    assertThat(DevSecrets.in(directory)).isEqualTo(made);
    assertThat(DevSecrets.find(directory)).contains(made);
    Path file = directory.resolve("secrets");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(Files.readAllLines(file))
        .containsExactly(
            "LQ_AUTH_HS256_SECRET=" + made.tokenSecret(), "LQ_CONTROL_KEY=" + made.controlKey());
    assertThat(made.tokenSecret()).isNotEqualTo(made.controlKey()).hasSize(43);
  }

  @Test
  void bareSecrets_ofAnEarlierVersion_areRead() throws IOException {
    Files.write(directory.resolve("secrets"), List.of(ONE, OTHER));

    assertThat(DevSecrets.in(directory)).isEqualTo(new DevSecrets(ONE, OTHER));
  }

  @Test
  void whatAnEnvironmentSets_goesBeforeWhatIsKept() {
    DevSecrets kept = DevSecrets.in(directory);

    assertThat(kept.overriddenBy(Map.of("LQ_AUTH_HS256_SECRET", " " + ONE, "LQ_CONTROL_KEY", " ")))
        .isEqualTo(new DevSecrets(ONE, kept.controlKey()));
    assertThat(kept.overriddenBy(Map.of("LQ_CONTROL_KEY", OTHER)))
        .isEqualTo(new DevSecrets(kept.tokenSecret(), OTHER));
    assertThat(DevSecrets.in(directory)).isEqualTo(kept);
  }

  @Test
  void damagedFile_isNamed_andNotReplaced() throws IOException {
    Path file = directory.resolve("secrets");
    Files.write(file, List.of(ONE));

    assertThatThrownBy(() -> DevSecrets.in(directory)).hasMessageContaining(file + " is damaged");
    assertThat(Files.readAllLines(file)).containsExactly(ONE);
  }
}
