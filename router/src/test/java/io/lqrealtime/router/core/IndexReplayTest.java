package io.lqrealtime.router.core;

import static io.lqrealtime.router.core.Log.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.id.Channel;
import io.lqrealtime.record.ChannelFingerprint;
import io.lqrealtime.record.IndexRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.PrimitiveIterator;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/**
 * The index over crashes: whatever is lost with a process, what is in the topic covers the log
 * without a hole, agrees with itself, and lists what a plain reading of the rules routes.
 */
class IndexReplayTest {
  private static final RoutingEngine.Setting SETTING = Log.setting(0, 1);

  @RepeatedTest(300)
  void randomLog_withCrashes_isIndexedWhole(RepetitionInfo repetition) {
    long seed = 90_000L + repetition.getCurrentRepetition();
    Random random = new Random(seed);
    List<InboundRecord> log = randomLog(random, 200);
    Topic topic = new Topic();
    List<Partition.Write> durable = List.of();
    int committed = 0;
    while (committed < log.size()) {
      Life life = new Life(random, durable, topic);
      committed = life.run(log, committed);
      durable = life.durable;
    }
    // The last life may have died before it wrote: one more finds what it left.
    Partition last = Partition.restored(SETTING, durable);
    last.index().forEach(topic.written::add);

    topic.assertWhole(log, "seed " + seed);
  }

  @Test
  void logWithoutState_isIndexedFromWhereItIsRead() {
    Partition partition = new Partition();
    partition.process(message(70, 1_000, "room", "alice", "m1"));

    assertThat(partition.index())
        .singleElement()
        .satisfies(
            index -> {
              assertThat(index.stretch().from()).isEqualTo(70);
              assertThat(index.stretch().to()).isEqualTo(71);
            });
    assertThat(partition.index()).isEmpty();
  }

  @Test
  void whatIsNotRouted_isCoveredAndNotListed() {
    Partition partition = new Partition();
    partition.process(Log.subscribe(1, "g", 1, 1, "room"));
    partition.process(message(2, "room", "no json"));
    partition.process(message(3, 1_000, "room", "alice", "m1"));
    partition.process(message(4, 1_000, "room", "alice", "m1"));
    partition.process(message(9, "hall", "1"));

    IndexRecord index = partition.index().getFirst();
    assertThat(index.stretch())
        .isEqualTo(new IndexRecord.Stretch(Log.REGION, Log.LOG_ID, 0, 1, 10));
    assertThat(index.channels()).isEqualTo(2);
    assertThat(list(index.offsets(fingerprint("room"), -1, 100))).containsExactly(3L);
    assertThat(list(index.offsets(fingerprint("hall"), -1, 100))).containsExactly(9L);
  }

  /** Kafka's search by time has to find the stretch of an instant. */
  @Test
  void index_hasTheTimeOfTheLastRecordItCovers() {
    Partition partition = new Partition();
    partition.process(message(1, 1_000, "room", "alice", "m1"));
    partition.process(message(2, 3_000, "room", "alice", "m2"));
    partition.save();

    assertThat(partition.engine.index().orElseThrow().time()).isEqualTo(3_000);
    assertThat(Partition.restored(SETTING, partition.writes).engine.index().orElseThrow().time())
        .isEqualTo(3_000);
  }

  @Test
  void recordsThatNobodyRouted_areAHole() {
    Partition before = new Partition();
    before.process(message(1, "room", "1"));
    before.save();
    Partition after = Partition.restored(SETTING, before.writes);

    assertThat(after.directory.breaksAt(2)).isFalse();
    assertThat(after.directory.breaksAt(5)).isTrue();
    after.process(message(5, "room", "1"));
    List<IndexRecord> index = after.index();
    assertThat(index).extracting(record -> record.stretch().to()).containsExactly(2L, 6L);
    assertThat(index.getLast().stretch().from()).isEqualTo(5);
    assertThat(after.directory.breaksAt(9)).as("in one life offsets may be missing").isFalse();
  }

  @Test
  void idleRestart_writesNothingOnceItIsKnownToBeWritten() {
    Partition first = new Partition();
    first.process(message(1, "room", "1"));
    first.index();
    first.commit();
    first.process(message(2, "room", "1"));
    first.index();
    first.commit();
    first.process(message(3, "room", "1"));
    first.index();
    first.commit();

    Partition second = Partition.restored(SETTING, first.writes);
    assertThat(second.index())
        .as("the first two stretches are surely written")
        .extracting(record -> record.stretch().from())
        .containsExactly(3L);
    assertThat(second.index()).isEmpty();
  }

  @Test
  void manyMessages_areSeveralRecords() {
    Partition partition = new Partition();
    int count = Listing.MAX_MESSAGES * 2 + 1;
    for (int i = 0; i < count; i++) {
      partition.process(message(i, "room", "1"));
    }
    partition.save();

    assertThat(partition.index())
        .extracting(record -> record.stretch().to())
        .containsExactly(16_384L, 32_768L, 32_769L);
    assertThat(Partition.restored(SETTING, partition.writes).index()).hasSize(3);
  }

  /** One process, from a commit to its death. */
  private static final class Life {
    private final Random random;
    private final Topic topic;
    private final Partition partition;
    private final List<IndexRecord> sent = new ArrayList<>();
    private int taken;
    private int surelySent;
    List<Partition.Write> durable;

    Life(Random random, List<Partition.Write> durable, Topic topic) {
      this.random = random;
      this.durable = durable;
      this.topic = topic;
      this.partition = Partition.restored(SETTING, durable);
    }

    /** Returns from where the next life reads. */
    int run(List<InboundRecord> log, int from) {
      int committed = from;
      int end = Math.min(log.size(), from + random.nextInt(80));
      for (int i = from; i < end; i++) {
        partition.process(log.get(i));
        if (random.nextInt(6) == 0) {
          sent.addAll(partition.index());
        }
        if (random.nextInt(10) == 0) {
          partition.save();
        }
        if (random.nextInt(8) == 0) {
          partition.apply(partition.directory.expired(0, 0, OptionalLong.empty()));
        }
        if (random.nextInt(7) == 0 || i == log.size() - 1) {
          partition.save();
          partition.directory.flushing();
          if (random.nextInt(4) == 0) {
            break;
          }
          keepWrites(partition.writes.size());
          keepSent();
          partition.directory.flushed();
          if (random.nextInt(4) != 0) {
            committed = i + 1;
          } else if (random.nextInt(3) == 0) {
            break;
          }
        }
      }
      // Of what was in flight some arrived: of one topic's partition the first ones, in order.
      keepWrites(taken + random.nextInt(partition.writes.size() - taken + 1));
      for (int i = surelySent; i < sent.size() && random.nextInt(3) != 0; i++) {
        topic.written.add(sent.get(i));
      }
      return committed;
    }

    private void keepWrites(int upTo) {
      List<Partition.Write> all = new ArrayList<>(durable);
      all.addAll(partition.writes.subList(taken, upTo));
      durable = all;
      taken = upTo;
    }

    private void keepSent() {
      topic.written.addAll(sent.subList(surelySent, sent.size()));
      surelySent = sent.size();
    }
  }

  /** What arrived in the index topic. */
  private static final class Topic {
    final List<IndexRecord> written = new ArrayList<>();

    void assertWhole(List<InboundRecord> log, String as) {
      long first = log.getFirst().offset();
      long covered = first;
      Map<Long, Long> listed = new TreeMap<>();
      Map<Long, Long> expected = Oracle.routed(log);
      for (IndexRecord record : written) {
        IndexRecord.Stretch stretch = record.stretch();
        long upTo = covered;
        assertThat(log)
            .as("%s: in no hole", as)
            .noneMatch(read -> read.offset() >= upTo && read.offset() < stretch.from());
        covered = Math.max(covered, stretch.to());
        Map<Long, Long> here = new TreeMap<>();
        for (int i = 0; i < record.channels(); i++) {
          for (long offset : list(record.offsets(i))) {
            here.put(offset, record.fingerprint(i));
          }
        }
        Map<Long, Long> rightly = new TreeMap<>(expected);
        rightly.keySet().removeIf(o -> o < stretch.from() || o >= stretch.to());
        assertThat(here).as("%s: %s", as, stretch).isEqualTo(rightly);
        listed.putAll(here);
      }
      assertThat(covered).as(as).isEqualTo(log.getLast().offset() + 1);
      assertThat(listed).as(as).isEqualTo(expected);
    }
  }

  /** The rules once more, as plainly as can be. */
  private static final class Oracle {
    static Map<Long, Long> routed(List<InboundRecord> log) {
      Map<Long, Long> routed = new TreeMap<>();
      Map<String, Long> firstSeen = new HashMap<>();
      for (InboundRecord record : log) {
        if (record.headers().type().isPresent() || record.value()[0] != '1') {
          continue;
        }
        String channel = text(record.headers().channel().orElseThrow());
        if (record.headers().idText().isPresent()) {
          String id =
              channel
                  + "|"
                  + record.headers().fromText().orElse("")
                  + "|"
                  + record.headers().idText().get();
          Long seen = firstSeen.get(id);
          if (seen != null && record.time() - seen <= Partition.WINDOW.toMillis()) {
            continue;
          }
          firstSeen.put(id, record.time());
        }
        routed.put(record.offset(), fingerprint(channel));
      }
      return routed;
    }
  }

  private static List<InboundRecord> randomLog(Random random, int length) {
    List<InboundRecord> log = new ArrayList<>();
    long offset = random.nextInt(50);
    long time = 1_000_000;
    int pace = random.nextInt(3) == 0 ? 60_000 : 4_000;
    for (int i = 0; i < length; i++) {
      String channel = "c" + random.nextInt(4);
      log.add(
          switch (random.nextInt(8)) {
            case 0 -> at(time, Log.up(offset, "g", 1, i + 1));
            case 1 -> at(time, message(offset, channel, "no json"));
            case 2 -> at(time, message(offset, channel, "1"));
            default ->
                message(offset, time, channel, "u" + random.nextInt(2), "m" + random.nextInt(8));
          });
      offset += 1 + (random.nextInt(10) == 0 ? random.nextInt(3) : 0);
      time += random.nextInt(pace);
    }
    return log;
  }

  private static InboundRecord at(long time, InboundRecord record) {
    return new InboundRecord(record.offset(), time, record.key(), record.headers(), record.value());
  }

  private static long fingerprint(String channel) {
    return ChannelFingerprint.of(Log.ACME, new Channel(channel));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
  }

  private static List<Long> list(PrimitiveIterator.OfLong offsets) {
    List<Long> all = new ArrayList<>();
    while (offsets.hasNext()) {
      all.add(offsets.nextLong());
    }
    return all;
  }
}
