package io.lqrealtime.bench.faults.judge;

import java.util.Map;

/**
 * One line of a history.
 *
 * @param number from 1
 * @param time epoch milliseconds
 * @param client who wrote it; empty for the run's own lines
 * @param event what happened
 * @param fields all else, as texts
 */
record Line(long number, long time, String client, String event, Map<String, String> fields) {

  /** The field, or an empty text. */
  String get(String name) {
    return fields.getOrDefault(name, "");
  }

  boolean is(String name) {
    return get(name).equals("true");
  }
}
