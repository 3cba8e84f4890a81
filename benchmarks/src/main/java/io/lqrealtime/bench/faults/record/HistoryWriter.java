package io.lqrealtime.bench.faults.record;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Appends lines to a history. For any thread: one that returns from {@link #write} has its line
 * before that of any call that begins later. Lines reach the file within {@link #FLUSH_MILLIS}, so
 * that a run that is killed leaves its history.
 *
 * <p>A disk that fails fails the run: what can't be written down can't be judged.
 */
public final class HistoryWriter implements AutoCloseable {
  private static final long FLUSH_MILLIS = 200;
  private static final int BUFFER = 1 << 16;

  /** Adds an event's fields. */
  @FunctionalInterface
  public interface Fields {
    void to(JsonGenerator json) throws IOException;
  }

  private final OutputStream out;
  private final JsonGenerator json;
  private final Thread flusher;
  private final AtomicLong lines = new AtomicLong();
  private boolean closed;

  private HistoryWriter(Path file) throws IOException {
    out = new BufferedOutputStream(Files.newOutputStream(file), BUFFER);
    json = new JsonFactory().createGenerator(out, JsonEncoding.UTF8);
    json.setRootValueSeparator(null);
    json.disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM);
    flusher = Thread.ofPlatform().daemon().name("history-flush").unstarted(this::flushAlways);
  }

  public static HistoryWriter open(Path file) throws IOException {
    HistoryWriter writer = new HistoryWriter(file);
    writer.flusher.start();
    return writer;
  }

  /** Lines written so far. */
  public long lines() {
    return lines.get();
  }

  /** Appends a line; after {@link #close} nothing. */
  public synchronized void write(String client, String event, Fields fields) {
    if (closed) {
      return;
    }
    try {
      json.writeStartObject();
      json.writeNumberField("t", System.currentTimeMillis());
      json.writeStringField("client", client);
      json.writeStringField("e", event);
      fields.to(json);
      json.writeEndObject();
      json.writeRaw('\n');
      json.flush();
      lines.incrementAndGet();
    } catch (IOException e) {
      throw new UncheckedIOException("the history can't be written", e);
    }
  }

  public void write(String client, String event) {
    write(client, event, _ -> {});
  }

  private void flushAlways() {
    try {
      while (flush()) {
        Thread.sleep(FLUSH_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Brings everything so far to the file; false once it is closed. */
  public synchronized boolean flush() {
    if (closed) {
      return false;
    }
    try {
      out.flush();
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException("the history can't be written", e);
    }
  }

  @Override
  public synchronized void close() throws IOException {
    if (!closed) {
      closed = true;
      json.close();
      out.close();
      flusher.interrupt();
    }
  }
}
