package io.lqrealtime.router.core;

import io.lqrealtime.id.GatewayId;
import io.lqrealtime.record.ChannelDigest;
import io.lqrealtime.record.GatewayRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One gateway as the directory of one partition knows it. Mutable, and only the directory does. */
final class Gateway {
  private final GatewayId id;
  private @Nullable GatewayState state;
  private @Nullable Chain chain;
  private final Map<ChannelName, Entry> open = new HashMap<>();
  private long digest = ChannelDigest.EMPTY;
  private int closed;

  Gateway(GatewayId id) {
    this.id = id;
  }

  GatewayId id() {
    return id;
  }

  /** What its control records say; absent while only entries or a chain of it were restored. */
  Optional<GatewayState> state() {
    return Optional.ofNullable(state);
  }

  Optional<Entry> entry(ChannelName channel) {
    return Optional.ofNullable(open.get(channel));
  }

  List<Entry> entries() {
    return new ArrayList<>(open.values());
  }

  int channels() {
    return open.size();
  }

  long digest() {
    return digest;
  }

  boolean hasEntries() {
    return !open.isEmpty() || closed > 0;
  }

  /** What had been routed to it before {@code offset}; see {@link Chain#before}. */
  long routedBefore(long offset) {
    long start = chainStart();
    return chain == null ? Chain.begun(start).before(offset, start) : chain.before(offset, start);
  }

  /** The offset up to which {@link #routedBefore} holds even if nothing has been read yet. */
  long surelyReadUpTo() {
    long start = chainStart();
    return chain != null && chain.start() == start && chain.last() > start ? chain.last() : start;
  }

  /** Whether records past {@code offset} have been applied already, so that it is read again. */
  boolean isAheadOf(long offset, boolean nothingRead) {
    long start = chainStart();
    return chain != null && (chain.start() > start || chain.last() > offset)
        || !nothingRead && state != null && state.controlOffset() > offset;
  }

  /** Its chain after a message at {@code offset}; none if that does not move it. */
  Optional<Chain> chainPast(long offset) {
    long start = chainStart();
    return chain == null && offset > start || chain != null && chain.isMovedBy(offset, start)
        ? Optional.of(new Chain(start, offset))
        : Optional.empty();
  }

  /** Its chain once nothing is known about what was routed last. */
  Chain brokenChain() {
    return new Chain(chainStart(), GatewayRecord.UNKNOWN);
  }

  private long chainStart() {
    return state == null ? GatewayRecord.NOTHING : state.chainStart();
  }

  void state(GatewayState newState) {
    state = newState;
  }

  void chain(Chain newChain) {
    chain = newChain;
  }

  void opened(Entry entry) {
    open.put(entry.channel(), entry);
    toggle(entry.channel());
  }

  void closed(Entry entry) {
    if (open.remove(entry.channel()) != null) {
      toggle(entry.channel());
    }
  }

  void closedKept() {
    closed++;
  }

  void closedForgotten() {
    closed--;
  }

  private void toggle(ChannelName name) {
    digest = ChannelDigest.toggle(digest, name.tenant(), name.channel());
  }
}
