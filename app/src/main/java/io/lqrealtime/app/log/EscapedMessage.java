package io.lqrealtime.app.log;

import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;

/** {@code %escaped}: an event's message, {@linkplain Escapes escaped}. */
public final class EscapedMessage extends ClassicConverter {
  @Override
  public String convert(ILoggingEvent event) {
    return Escapes.of(event.getFormattedMessage());
  }
}
