package io.lqrealtime.router.core;

import static io.lqrealtime.router.core.Log.down;
import static io.lqrealtime.router.core.Log.message;
import static io.lqrealtime.router.core.Log.subscribe;
import static io.lqrealtime.router.core.Log.unsubscribe;
import static io.lqrealtime.router.core.Log.up;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.record.ControlRecord;
import io.lqrealtime.record.ControlRecordCodec;
import io.lqrealtime.record.FormatVersion;
import io.lqrealtime.record.GatewayRecord;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/**
 * Records read again after a crash, with a state that is ahead of them: random logs, processed
 * straight and with crashes, must yield the same deliveries and chains that hide no gap.
 */
class ReplayTest {
  private static final RoutingEngine.Setting SETTING = Log.setting(0, 1);

  @Test
  void controlRecordsReadAgain_changeNothingAndAreAnsweredAgain() {
    Partition before = new Partition();
    InboundRecord up = up(1, "g", 1, 1);
    InboundRecord subscribe = subscribe(2, "g", 1, 2, "room");
    InboundRecord unsubscribe = unsubscribe(5, "g", 1, 3, "room");
    InboundRecord down = down(6, "g", 1);
    List.of(up, subscribe, unsubscribe, down).forEach(before::process);
    Partition after = Partition.restored(SETTING, before.writes);

    assertThat(after.sent(up, "g")).hasSize(1).hasOnlyElementsOfType(GatewayRecord.Heartbeat.class);
    assertThat(after.sent(subscribe, "g"))
        .hasSize(1)
        .hasOnlyElementsOfType(GatewayRecord.Subscribed.class);
    assertThat(after.sent(message(3, "room", "1"), "g")).hasSize(1);
    assertThat(after.process(unsubscribe).changes()).isEmpty();
    assertThat(after.sent(down, "g")).containsExactly(new GatewayRecord.Down(0, 1));
    assertThat(after.sent(message(7, "room", "1"), "g")).isEmpty();
    assertThat(after.writes.stream().filter(w -> w.store() == StateCodec.Store.DIRECTORY))
        .isEmpty();
  }

  @Test
  void stateAsOfTheCommit_givesTheExactPrevious() {
    Partition before = new Partition();
    before.process(subscribe(1, "g", 1, 1, "room"));
    before.process(message(2, "room", "1"));
    Partition after = Partition.restored(SETTING, before.writes);

    assertThat(previous(after, message(3, "room", "1"))).isEqualTo(2);
    assertThat(previous(after, message(4, "room", "1"))).isEqualTo(3);
  }

  @Test
  void stateAheadOfTheCommit_givesUnknownUntilItIsReached() {
    Partition before = new Partition();
    before.process(subscribe(1, "g", 1, 1, "room"));
    before.process(message(2, "room", "1"));
    before.process(message(3, "room", "1"));
    Partition after = Partition.restored(SETTING, before.writes);

    assertThat(previous(after, message(2, "room", "1"))).isEqualTo(GatewayRecord.UNKNOWN);
    assertThat(previous(after, message(3, "room", "1"))).isEqualTo(GatewayRecord.UNKNOWN);
    assertThat(previous(after, message(4, "room", "1"))).isEqualTo(3);
  }

  /** Its last message is at 3: once 4 is the next to read, nothing asks for the entry again. */
  @Test
  void channelGivenUp_isForgottenByWhatWasCommitted_andNotBefore() {
    Partition before = new Partition();
    before.process(subscribe(1, "g", 1, 1, "room"));
    before.process(message(3, "room", "1"));
    before.process(unsubscribe(4, "g", 1, 2, "room"));

    before.apply(before.directory.expired(0, 0, OptionalLong.of(3)));
    assertThat(before.directory.closedEntries()).isEqualTo(1);
    Partition after = Partition.restored(SETTING, before.writes);
    assertThat(after.sent(message(3, "room", "1"), "g")).hasSize(1);

    after.apply(after.directory.expired(0, 0, OptionalLong.of(4)));
    assertThat(after.directory.closedEntries()).isZero();
    Partition last =
        Partition.restored(
            SETTING, Stream.concat(before.writes.stream(), after.writes.stream()).toList());
    assertThat(last.directory.closedEntries()).isZero();
  }

  @RepeatedTest(600)
  void randomLog_withCrashes_deliversTheSameAsStraight(RepetitionInfo repetition) {
    long seed = 7_000L + repetition.getCurrentRepetition();
    Random random = new Random(seed);
    List<InboundRecord> log = randomLog(random, 160);

    Deliveries straight = new Deliveries();
    Partition whole = new Partition();
    for (InboundRecord record : log) {
      straight.take(record.offset(), whole.process(record).effects());
    }
    Map<String, Set<Long>> expected = Oracle.deliveries(log);
    assertThat(straight.offsets).as("straight, seed %d", seed).isEqualTo(expected);
    straight.assertChains(Oracle.chains(log), false, "straight, seed " + seed);

    Deliveries crashed = new Deliveries();
    runWithCrashes(random, log, crashed);
    assertThat(crashed.offsets).as("crashing, seed %d", seed).isEqualTo(expected);
    crashed.assertChains(Oracle.chains(log), true, "crashing, seed " + seed);
  }

  private static long previous(Partition partition, InboundRecord record) {
    return ((GatewayRecord.Message) partition.sent(record, "g").getFirst()).previous();
  }

  /**
   * Lives of random length and format version. Each begins from the last commit, with the directory
   * store as the former life left it, cut off anywhere past the commit, and with the progress store
   * as of the commit or of the flush of one that failed. Of what was sent since the commit, some
   * arrived. Closed entries are forgotten at any time, by some commit that was known by then.
   */
  private static void runWithCrashes(
      Random random, List<InboundRecord> log, Deliveries deliveries) {
    int committed = 0;
    long known = -1;
    List<Partition.Write> durable = List.of();
    while (committed < log.size()) {
      FormatVersion format = new FormatVersion(1 + random.nextInt(FormatVersion.NEWEST));
      Partition life = Partition.restored(Log.setting(0, 1, format), durable);
      List<Partition.Write> atCommit = durable;
      int committedAt = committed;
      List<Runnable> sent = new ArrayList<>();
      int end = Math.min(log.size(), committed + 1 + random.nextInt(random.nextBoolean() ? 60 : 8));
      for (int i = committed; i < end; i++) {
        long offset = log.get(i).offset();
        List<Effect> effects = life.process(log.get(i)).effects();
        List<Effect> beats = life.engine.heartbeats();
        sent.add(() -> deliveries.take(offset, effects));
        sent.add(() -> deliveries.takeBeats(beats));
        if (random.nextInt(8) == 0 || i == log.size() - 1) {
          atCommit = join(durable, life.writes);
          committedAt = i + 1;
          sent.forEach(Runnable::run);
          sent.clear();
        }
        if (random.nextBoolean()) {
          known = committedAt == 0 ? -1 : nextToRead(random, log, committedAt);
        }
        if (random.nextBoolean()) {
          life.apply(life.directory.expired(0, 0, OptionalLong.of(known)));
        }
      }
      sent.subList(0, random.nextInt(sent.size() + 1)).forEach(Runnable::run);
      List<Partition.Write> all = join(durable, life.writes);
      int directoryUpTo = atCommit.size() + random.nextInt(all.size() - atCommit.size() + 1);
      int progressUpTo = random.nextInt(3) == 0 ? all.size() : atCommit.size();
      durable = new ArrayList<>();
      for (int i = 0; i < all.size(); i++) {
        boolean directory = all.get(i).store() == StateCodec.Store.DIRECTORY;
        if (i < (directory ? directoryUpTo : progressUpTo)) {
          durable.add(all.get(i));
        }
      }
      committed = committedAt;
    }
  }

  /** What Kafka has as committed: not every offset has a record. */
  private static long nextToRead(Random random, List<InboundRecord> log, int read) {
    long next = log.get(read - 1).offset() + 1;
    return read < log.size() && random.nextBoolean() ? log.get(read).offset() : next;
  }

  private static List<Partition.Write> join(
      List<Partition.Write> first, List<Partition.Write> second) {
    List<Partition.Write> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }

  private static List<InboundRecord> randomLog(Random random, int length) {
    List<InboundRecord> log = new ArrayList<>();
    Map<String, long[]> generations = new TreeMap<>();
    long offset = random.nextInt(5);
    for (int i = 0; i < length; i++) {
      String gateway = "g" + random.nextInt(2);
      String channel = "c" + random.nextInt(3);
      String other = "c" + random.nextInt(3);
      long[] at = generations.computeIfAbsent(gateway, g -> new long[] {1, 0});
      switch (random.nextInt(16)) {
        case 0 -> {
          at[0] += random.nextInt(2);
          log.add(up(offset, gateway, at[0], ++at[1]));
        }
        case 1, 2, 3 -> log.add(subscribe(offset, gateway, at[0], ++at[1], channel, other));
        case 4, 5 -> log.add(unsubscribe(offset, gateway, at[0], ++at[1], channel));
        case 6 -> {
          if (random.nextInt(3) == 0) {
            log.add(down(offset, gateway, at[0]));
            at[0] += random.nextInt(2);
          }
        }
        case 7 -> // Late, or of a generation that is over.
            log.add(
                subscribe(
                    offset,
                    gateway,
                    Math.max(1, at[0] - random.nextInt(2)),
                    Math.max(1, at[1] - random.nextInt(3)),
                    channel));
        case 8 -> {
          at[0]++;
          at[1] = 0;
          log.add(subscribe(offset, gateway, at[0], ++at[1], channel));
        }
        default -> log.add(message(offset, channel, "1"));
      }
      offset += 1 + random.nextInt(2);
    }
    return log;
  }

  /** What gateways got, over all lives. */
  private static final class Deliveries {
    final Map<String, Set<Long>> offsets = new TreeMap<>();
    private final List<Received> received = new ArrayList<>();

    private record Received(String gateway, long offset, long previous) {}

    void take(long offset, List<Effect> effects) {
      Set<String> served = new HashSet<>();
      for (Effect effect : effects) {
        Effect.Deliver deliver = (Effect.Deliver) effect;
        if (deliver.record() instanceof GatewayRecord.Message message) {
          String gateway = deliver.gateway().value();
          assertThat(served.add(gateway)).as("one delivery a gateway").isTrue();
          assertThat(message.offset()).isEqualTo(offset);
          offsets.computeIfAbsent(gateway, g -> new TreeSet<>()).add(offset);
          received.add(new Received(gateway, offset, message.previous()));
        }
      }
    }

    /** A heartbeat says the same as a message just past its offset would. */
    void takeBeats(List<Effect> beats) {
      for (Effect effect : beats) {
        Effect.Deliver deliver = (Effect.Deliver) effect;
        GatewayRecord.Heartbeat beat = (GatewayRecord.Heartbeat) deliver.record();
        received.add(new Received(deliver.gateway().value(), beat.offset() + 1, beat.routed()));
      }
    }

    /** A previous is exactly the one before in the gateway's chain, or unknown after a crash. */
    void assertChains(Map<String, Set<Long>> chainStarts, boolean mayBeUnknown, String as) {
      for (Received record : received) {
        if (record.previous() == GatewayRecord.UNKNOWN) {
          assertThat(mayBeUnknown).as(as).isTrue();
          continue;
        }
        long start = below(chainStarts.get(record.gateway()), record.offset());
        long last = below(offsets.getOrDefault(record.gateway(), new TreeSet<>()), record.offset());
        assertThat(record.previous())
            .as("%s: %s at %d", as, record.gateway(), record.offset())
            .isEqualTo(last > start ? last : GatewayRecord.NOTHING);
      }
    }

    private static long below(Set<Long> all, long offset) {
      Long found = ((TreeSet<Long>) all).lower(offset);
      return found == null ? -1 : found;
    }
  }

  /** The rules once more, as plainly as can be: a set of channels a gateway, no intervals. */
  private static final class Oracle {
    private final Map<String, Set<Long>> deliveries = new TreeMap<>();
    private final Map<String, Set<Long>> chains = new TreeMap<>();
    private final Map<String, Standing> standings = new TreeMap<>();

    private static final class Standing {
      long generation;
      long sequence;
      boolean down;
      final Set<String> channels = new HashSet<>();
    }

    static Map<String, Set<Long>> deliveries(List<InboundRecord> log) {
      return run(log).deliveries;
    }

    static Map<String, Set<Long>> chains(List<InboundRecord> log) {
      return run(log).chains;
    }

    private static Oracle run(List<InboundRecord> log) {
      Oracle oracle = new Oracle();
      log.forEach(oracle::read);
      return oracle;
    }

    private void read(InboundRecord record) {
      if (record.headers().type().isEmpty()) {
        String channel = new String(record.headers().channel().orElseThrow(), UTF_8);
        standings.forEach(
            (gateway, standing) -> {
              if (standing.channels.contains(channel)) {
                deliveries.computeIfAbsent(gateway, g -> new TreeSet<>()).add(record.offset());
              }
            });
        return;
      }
      String type = new String(record.headers().type().orElseThrow(), UTF_8);
      ControlRecord control = ControlRecordCodec.decode(type, record.key(), record.value());
      ControlRecord.Origin origin = control.origin();
      String gateway = origin.gateway().value();
      Standing standing = standings.computeIfAbsent(gateway, g -> new Standing());
      if (origin.generation() < standing.generation) {
        return;
      }
      boolean isDown = type.equals("gateway-down");
      boolean begins = origin.generation() > standing.generation;
      if (!begins && (standing.down || !isDown && origin.sequence() <= standing.sequence)) {
        return;
      }
      standing.generation = origin.generation();
      standing.sequence = origin.sequence();
      standing.down = isDown;
      if (begins || isDown || type.equals("gateway-up")) {
        standing.channels.clear();
        chains.computeIfAbsent(gateway, g -> new TreeSet<>()).add(record.offset());
      }
      switch (control) {
        case ControlRecord.Subscribe s ->
            s.channels().forEach(c -> standing.channels.add(c.value()));
        case ControlRecord.Unsubscribe u ->
            u.channels().forEach(c -> standing.channels.remove(c.value()));
        default -> {
          // Nothing to open or close.
        }
      }
    }
  }
}
