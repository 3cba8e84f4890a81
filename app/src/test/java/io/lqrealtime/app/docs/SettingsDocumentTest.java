package io.lqrealtime.app.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.app.RoleSettings;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Holds the settings in docs/OPERATIONS.md to the code. After a change of settings, {@code mvn -B
 * -q -pl app -am verify -Dlq.docs.write=true -Dsurefire.failIfNoSpecifiedTests=false
 * -Dtest=SettingsDocumentTest} writes the table anew.
 */
class SettingsDocumentTest {
  private static final Section DOCUMENTED = new Section("docs/OPERATIONS.md", "settings");

  private final SettingsTable settings = new SettingsTable();

  @Test
  void theTable_isWhatTheCodeReads() {
    if (Boolean.getBoolean("lq.docs.write")) {
      DOCUMENTED.write(settings.markdown());
    }
    assertThat(DOCUMENTED.text()).isEqualTo(settings.markdown());
  }

  @Test
  void aKeyThatSeveralRolesRead_hasOneDefault() {
    for (String key : settings.keys()) {
      assertThat(new HashSet<>(settings.defaults(key).values())).as(key).hasSize(1);
    }
  }

  @Test
  void everyKeyThatADocumentNames_isRead() {
    for (String file :
        List.of(
            "README.md",
            "docs/OPERATIONS.md",
            "docs/ARCHITECTURE.md",
            "compose/README.md",
            "compose/nginx.conf",
            "compose/Dockerfile",
            "compose/healthcheck",
            "compose/.env.example")) {
      for (String key : keysIn(Repository.read(file))) {
        assertThat(RoleSettings.OTHERS.contains(key) || isRead(key))
            .as(key + " in " + file)
            .isTrue();
      }
    }
  }

  private boolean isRead(String key) {
    // A text such as LQ_KAFKA_* names all that start so.
    return settings.reads("gateway", key)
        || settings.reads("router", key)
        || key.endsWith("_") && settings.keys().stream().anyMatch(read -> read.startsWith(key));
  }

  private static Set<String> keysIn(String text) {
    Set<String> keys = new HashSet<>();
    Matcher matcher = Pattern.compile("\\b(?:LQ|WS|REDIS)_[A-Z0-9_]+").matcher(text);
    while (matcher.find()) {
      keys.add(matcher.group());
    }
    return keys;
  }
}
