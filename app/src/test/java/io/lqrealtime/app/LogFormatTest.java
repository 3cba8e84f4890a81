package io.lqrealtime.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.status.Status;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lqrealtime.app.docs.Repository;
import java.io.ByteArrayInputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The log that ships: whatever text comes into it, an event is one line. */
class LogFormatTest {
  private static final String HOSTILE =
      "room\r\n"
          + "2026-01-01T00:00:00Z ERROR"
          + " forged\u001b[2J\u0000\u0085\u2028\u202e\u061c\u200b\\u0041\udb40\udc41\"end\u007f";

  /** What the configuration that ships makes of an event. */
  private static String logged(
      String format, String message, @Nullable Throwable thrown, Object... arguments)
      throws Exception {
    LoggerContext context = new LoggerContext();
    context.putProperty("lq.log.format", format);
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    configurator.doConfigure(
        new ByteArrayInputStream(
            Repository.read("app/src/main/resources/logback.xml").getBytes(UTF_8)));
    // It would be printed, on standard output, before whatever a command has to say.
    assertThat(context.getStatusManager().getCopyOfStatusList())
        .allSatisfy(status -> assertThat(status.getEffectiveLevel()).isEqualTo(Status.INFO));
    List<Appender<ILoggingEvent>> appenders = new ArrayList<>();
    context
        .getLogger(Logger.ROOT_LOGGER_NAME)
        .iteratorForAppenders()
        .forEachRemaining(appenders::add);
    assertThat(appenders).hasSize(1);
    LoggingEvent event =
        new LoggingEvent(
            "here",
            context.getLogger("io.lqrealtime.Some"),
            Level.WARN,
            message,
            thrown,
            arguments);
    return new String(
        ((OutputStreamAppender<ILoggingEvent>) appenders.getFirst()).getEncoder().encode(event),
        UTF_8);
  }

  private static void assertOneLine(String logged) {
    assertThat(logged).endsWith("\n").contains("forged", "end");
    assertThat(logged.strip().lines()).hasSize(1);
  }

  private static void assertHarmless(String logged) {
    assertOneLine(logged);
    assertThat(
            logged
                .strip()
                .codePoints()
                .filter(c -> Character.isISOControl(c) || c == 0x2028 || c == 0x202e))
        .isEmpty();
  }

  @Test
  void textInAMessage_staysOnItsLine() throws Exception {
    String line = logged("text", "Channel {} is not there", null, HOSTILE);

    assertHarmless(line);
    assertThat(line)
        .matches("\\S+ WARN  \\S+ Channel room.* is not there\\R")
        .contains(
            "room\\u000d\\u000a2026-01-01T00:00:00Z ERROR"
                + " forged\\u001b[2J\\u0000\\u0085\\u2028\\u202e\\u061c\\u200b\\\\u0041\\udb40\\udc41\"end\\u007f"
                + " is");
  }

  @Test
  void textInAnException_staysOnItsLine_withTheStack() throws Exception {
    String line =
        logged("text", "Failed", new IllegalStateException(HOSTILE, new RuntimeException(HOSTILE)));

    assertHarmless(line);
    assertThat(line).contains("LogFormatTest", "Caused by");
  }

  @Test
  void json_isOneObjectALine_withWhatWasSaid() throws Exception {
    long before = Instant.now().toEpochMilli();
    String line =
        logged("json", "Channel {} is not there", new IllegalStateException(HOSTILE), HOSTILE);

    assertHarmless(line);
    assertThat(line).contains("\\u2028\\u202e");
    JsonNode event = new ObjectMapper().readTree(line);
    assertThat(event.path("level").asText()).isEqualTo("WARN");
    assertThat(event.path("loggerName").asText()).isEqualTo("io.lqrealtime.Some");
    assertThat(event.path("timestamp").asLong()).isGreaterThanOrEqualTo(before);
    assertThat(event.path("formattedMessage").asText())
        .isEqualTo("Channel " + HOSTILE + " is not there");
    assertThat(event.path("throwable").path("message").asText()).isEqualTo(HOSTILE);
    assertThat(event.path("throwable").path("stepArray")).isNotEmpty();
  }
}
