package io.lqrealtime.bench.faults.client;

import io.lqrealtime.bench.client.WebSocketClient;
import io.lqrealtime.bench.faults.record.HistoryWriter;
import io.lqrealtime.bench.load.Tokens;
import java.util.List;

/** What the clients of a run share. */
public record Setting(
    WebSocketClient sockets, HistoryWriter history, Tokens tokens, List<Endpoint> endpoints) {
  public Setting {
    endpoints = List.copyOf(endpoints);
  }
}
