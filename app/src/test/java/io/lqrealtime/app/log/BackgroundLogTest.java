package io.lqrealtime.app.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BackgroundLogTest {
  private final LoggerContext context = new LoggerContext();
  private final Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  private final Logger log = context.getLogger("io.lqrealtime");
  private final CountDownLatch reader = new CountDownLatch(1);
  private final List<String> written = Collections.synchronizedList(new ArrayList<>());

  /** Standard error, which takes nothing before somebody reads it. */
  private final class Pipe extends AppenderBase<ILoggingEvent> {
    @Override
    protected void append(ILoggingEvent event) {
      try {
        reader.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      written.add(event.getFormattedMessage());
    }
  }

  BackgroundLogTest() {
    context.setMDCAdapter(new LogbackMDCAdapter());
    Pipe pipe = new Pipe();
    pipe.setContext(context);
    pipe.setName("STDERR");
    pipe.start();
    root.setLevel(Level.INFO);
    root.addAppender(pipe);
  }

  @Test
  void whoLogs_waitsForNobody_andWhatIsTooMuchIsDroppedAndCounted() {
    long before = BackgroundLog.dropped();
    int lines = 3 * BackgroundLog.MAX_WAITING;
    try (BackgroundLog _ = new BackgroundLog(root)) {
      for (int i = 0; i < lines; i++) {
        log.info("line {}", i);
      }
      assertThat(written).isEmpty();
      reader.countDown();
    }

    long dropped = BackgroundLog.dropped() - before;
    assertThat(dropped).isBetween(1L, 2L * BackgroundLog.MAX_WAITING);
    assertThat(written).hasSize(lines - (int) dropped).startsWith("line 0", "line 1");
  }

  @Test
  void whenItIsClosed_linesAreWrittenByWhoLogsThem() {
    reader.countDown();
    try (BackgroundLog _ = new BackgroundLog(root)) {
      log.info("while it is open");
    }
    assertThat(written).containsExactly("while it is open");

    log.info("afterwards");

    assertThat(written).containsExactly("while it is open", "afterwards");
  }
}
