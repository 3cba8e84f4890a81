package io.lqrealtime.app.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;

/** Logback's JSON, which escapes what JSON has to, and {@linkplain Escapes the rest} as well. */
public final class EscapedJson extends JsonEncoder {
  @Override
  public byte[] encode(ILoggingEvent event) {
    byte[] json = super.encode(event);
    String text = new String(json, UTF_8);
    // Outside of strings there is nothing but ASCII.
    String escaped = Escapes.beyondJson(text);
    return escaped.equals(text) ? json : escaped.getBytes(UTF_8);
  }
}
