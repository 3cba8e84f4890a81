package io.lqrealtime.gateway.delivery;

import io.lqrealtime.record.ControlRecord;
import java.util.concurrent.CompletionStage;

/** Writes a control record to the log; completes with its offset. Never blocks. */
@FunctionalInterface
public interface ControlWriter {
  CompletionStage<Long> write(ControlRecord record);
}
