package io.lqrealtime.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.LoggingEvent;
import io.lqrealtime.app.docs.Repository;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The log that ships: whatever text comes into it, an event is one line. */
class LogFormatTest {
  private static final Pattern PATTERN = Pattern.compile("<pattern>(.*)</pattern>");
  private static final String HOSTILE =
      "room\r\n2026-01-01T00:00:00Z ERROR forged\u001b[2J\u0000\u0085\u2028end\u007f";

  private static String logged(String message, Throwable thrown, Object... arguments) {
    LoggerContext context = new LoggerContext();
    Matcher matcher = PATTERN.matcher(Repository.read("app/src/main/resources/logback.xml"));
    assertThat(matcher.find()).isTrue();
    PatternLayout layout = new PatternLayout();
    layout.setContext(context);
    layout.setPattern(matcher.group(1));
    layout.start();
    return layout.doLayout(
        new LoggingEvent(
            "here",
            context.getLogger("io.lqrealtime.Some"),
            Level.WARN,
            message,
            thrown,
            arguments));
  }

  private static void assertOneLine(String logged) {
    assertThat(logged).endsWith("\n").contains("forged", "end");
    assertThat(logged.strip().chars().filter(c -> Character.isISOControl(c) || c == 0x2028))
        .isEmpty();
  }

  @Test
  void textInAMessage_staysOnItsLine() {
    String line = logged("Channel {} is not there", null, HOSTILE);

    assertOneLine(line);
    assertThat(line).matches("\\S+ WARN  \\S+ Channel room .* is not there\\R");
  }

  @Test
  void textInAnException_staysOnItsLine_withTheStack() {
    String line =
        logged("Failed", new IllegalStateException(HOSTILE, new RuntimeException(HOSTILE)));

    assertOneLine(line);
    assertThat(line).contains("LogFormatTest", "Caused by");
  }
}
