package io.lqrealtime.app.log;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.LoggerFactory;

/**
 * While it is open, log lines are written by a thread of their own: nobody who logs, an I/O thread
 * least of all, waits for whoever reads standard error. Lines that come faster than they are taken
 * are dropped past {@value #MAX_WAITING}, and counted.
 *
 * <p>One at a time; opening and closing are for one thread.
 */
public final class BackgroundLog implements AutoCloseable {
  static final int MAX_WAITING = 8_192;

  private static final int FLUSH_MILLIS = 2_000;
  private static final LongAdder DROPPED = new LongAdder();

  private final Logger root;
  private final List<Appender<ILoggingEvent>> direct;
  private final List<Dropping> background;

  private static final class Dropping extends AsyncAppender {
    @Override
    protected void append(ILoggingEvent event) {
      if (getRemainingCapacity() == 0) {
        DROPPED.increment();
      } else {
        super.append(event);
      }
    }
  }

  /** Keeps an appender from being stopped with the one that it is behind. */
  private static final class Forwarding extends UnsynchronizedAppenderBase<ILoggingEvent> {
    private final Appender<ILoggingEvent> to;

    Forwarding(Appender<ILoggingEvent> to) {
      this.to = to;
    }

    @Override
    protected void append(ILoggingEvent event) {
      to.doAppend(event);
    }
  }

  /** For all that the process logs. */
  public static BackgroundLog begin() {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    return new BackgroundLog(context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME));
  }

  BackgroundLog(Logger root) {
    this.root = root;
    this.direct = appenders(root);
    this.background = direct.stream().map(BackgroundLog::dropping).toList();
    // A line in between is written twice rather than not at all.
    background.forEach(root::addAppender);
    direct.forEach(root::detachAppender);
  }

  private static List<Appender<ILoggingEvent>> appenders(Logger logger) {
    List<Appender<ILoggingEvent>> appenders = new ArrayList<>();
    for (Iterator<Appender<ILoggingEvent>> all = logger.iteratorForAppenders(); all.hasNext(); ) {
      appenders.add(all.next());
    }
    return appenders;
  }

  private static Dropping dropping(Appender<ILoggingEvent> to) {
    Dropping dropping = new Dropping();
    dropping.setContext(to.getContext());
    dropping.setName("background-" + to.getName());
    dropping.setQueueSize(MAX_WAITING);
    dropping.setDiscardingThreshold(0);
    dropping.setNeverBlock(true);
    dropping.setMaxFlushTime(FLUSH_MILLIS);
    Forwarding forwarding = new Forwarding(to);
    forwarding.setContext(to.getContext());
    forwarding.start();
    dropping.addAppender(forwarding);
    dropping.start();
    return dropping;
  }

  /** Lines that were not written since the process began. */
  public static long dropped() {
    return DROPPED.sum();
  }

  /** Writes what waits, for some seconds at the most; from then on who logs also writes. */
  @Override
  public void close() {
    direct.forEach(root::addAppender);
    background.forEach(root::detachAppender);
    background.forEach(Appender::stop);
  }
}
