package io.lqrealtime.bench.faults.judge;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The messages of one channel of one tenant, in the order in which they were first sent. */
final class ChannelHistory {
  record Name(String tenant, String channel) {
    @Override
    public String toString() {
      return tenant + '/' + channel;
    }
  }

  final Name name;
  final List<Message> messages = new ArrayList<>();

  /** The log and partition that it was first seen in. */
  Position.@Nullable Log log;

  ChannelHistory(Name name) {
    this.name = name;
  }
}
