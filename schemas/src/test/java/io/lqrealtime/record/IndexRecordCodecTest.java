package io.lqrealtime.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lqrealtime.id.LogId;
import io.lqrealtime.id.Region;
import io.lqrealtime.record.IndexRecord.Stretch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.PrimitiveIterator;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class IndexRecordCodecTest {
  private static final LogId LOG = new LogId(0x12_3456_789aL);

  @Test
  void decode_encoded_saysTheSame_forRandomStretches() {
    long seed = 41;
    Random random = new Random(seed);
    for (int round = 0; round < 500; round++) {
      Example example = Example.random(random);
      IndexRecord record = IndexRecordCodec.decode(example.encode(FormatVersionTest.any(random)));

      String as = "seed " + seed + ", round " + round;
      assertThat(record.stretch()).as(as).isEqualTo(example.stretch);
      assertThat(record.channels()).as(as).isEqualTo(example.byChannel.size());
      int at = 0;
      for (long fingerprint : example.byChannel.keySet()) {
        assertThat(record.fingerprint(at)).as(as).isEqualTo(fingerprint);
        assertThat(list(record.offsets(at++))).as(as).isEqualTo(example.byChannel.get(fingerprint));
        long after = example.stretch.from() - 2 + random.nextInt(40);
        long upTo = after + random.nextInt(40);
        assertThat(list(record.offsets(fingerprint, after, upTo)))
            .as(as)
            .isEqualTo(
                example.byChannel.get(fingerprint).stream()
                    .filter(offset -> offset > after && offset <= upTo)
                    .toList());
      }
      assertThat(record.offsets(random.nextLong(), -1, Long.MAX_VALUE).hasNext()).as(as).isFalse();
    }
  }

  @Test
  void stretchWithoutMessages_isCoverageOnly() {
    Stretch stretch = stretch(0, 1);
    IndexRecord record =
        IndexRecordCodec.decode(
            IndexRecordCodec.encode(stretch, new long[0], new long[0], 0, FormatVersion.FIRST));

    assertThat(record.stretch()).isEqualTo(stretch);
    assertThat(record.channels()).isZero();
    assertThat(record.offsets(0, -1, Long.MAX_VALUE).hasNext()).isFalse();
  }

  /** Gateways and routers of different versions read each other's records. */
  @Test
  void example_isTheGoldenBytes() {
    byte[] value =
        IndexRecordCodec.encode(
            stretch(1_000, 1_300),
            new long[] {1_000, 1_001, 1_200},
            new long[] {-1, 7, -1},
            3,
            FormatVersion.FIRST);

    assertThat(HexFormat.of().formatHex(value))
        .isEqualTo(
            "01056c6f63616c123456789a03e807ac0202"
                + "000000000000000700000001ffffffffffffffff00000004"
                + "0100c801");
  }

  @Test
  void bytesAfterTheKnownFields_areIgnored() {
    byte[] value =
        IndexRecordCodec.encode(
            stretch(5, 9), new long[] {6}, new long[] {3}, 1, FormatVersion.FIRST);
    IndexRecord record = IndexRecordCodec.decode(Arrays.copyOf(value, value.length + 5));

    assertThat(list(record.offsets(3, -1, Long.MAX_VALUE))).containsExactly(6L);
  }

  @Test
  void newerVersion_isRefusedByName() {
    byte[] value =
        IndexRecordCodec.encode(stretch(5, 9), new long[0], new long[0], 0, FormatVersion.FIRST);
    value[0] = FormatVersion.NEWEST + 1;

    assertThatExceptionOfType(RecordFormatException.class)
        .isThrownBy(() -> IndexRecordCodec.decode(value))
        .withMessageContaining("version 3");
  }

  @Test
  void encode_offsetsOutsideOrNotRising_isRefused() {
    for (long[] offsets : new long[][] {{4}, {9}, {6, 6}, {7, 6}}) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  IndexRecordCodec.encode(
                      stretch(5, 9),
                      offsets,
                      new long[offsets.length],
                      offsets.length,
                      FormatVersion.FIRST));
    }
    assertThatIllegalArgumentException().isThrownBy(() -> stretch(5, 5));
  }

  /** Nonsense is refused, or is a record that can be read without harm and within its stretch. */
  @Test
  void damagedBytes_areRefusedOrHarmless() {
    long seed = 42;
    Random random = new Random(seed);
    Mutations mutations = new Mutations(seed);
    int refused = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] damaged = mutations.mutate(Example.random(random).encode(FormatVersion.FIRST));
      try {
        IndexRecord record = IndexRecordCodec.decode(damaged);
        for (int i = 0; i < record.channels(); i++) {
          long last = record.stretch().from() - 1;
          for (long offset : list(record.offsets(i))) {
            assertThat(offset).as("seed %d", seed).isGreaterThan(last);
            last = offset;
          }
          assertThat(last).as("seed %d", seed).isLessThan(record.stretch().to());
          assertThat(list(record.offsets(record.fingerprint(i), -1, Long.MAX_VALUE)))
              .isEqualTo(list(record.offsets(i)));
        }
      } catch (RecordFormatException e) {
        refused++;
      }
    }
    assertThat(refused).isBetween(5_000, 19_999);
  }

  private static Stretch stretch(long from, long to) {
    return new Stretch(new Region("local"), LOG, 3, from, to);
  }

  private static List<Long> list(PrimitiveIterator.OfLong offsets) {
    List<Long> all = new ArrayList<>();
    while (offsets.hasNext()) {
      all.add(offsets.nextLong());
    }
    return all;
  }

  private record Example(
      Stretch stretch,
      long[] offsets,
      long[] fingerprints,
      int count,
      TreeMap<Long, List<Long>> byChannel) {

    static Example random(Random random) {
      long from = random.nextInt(3) == 0 ? random.nextInt(10) : random.nextLong(1L << 50);
      Stretch stretch = IndexRecordCodecTest.stretch(from, from + 1 + random.nextInt(400));
      long[] channels = random.longs(1 + random.nextInt(20)).toArray();
      long[] offsets = new long[500];
      long[] fingerprints = new long[500];
      TreeMap<Long, List<Long>> byChannel = new TreeMap<>(Long::compareUnsigned);
      int count = 0;
      for (long offset = from; offset < stretch.to(); offset++) {
        if (random.nextInt(3) != 0) {
          offsets[count] = offset;
          fingerprints[count] = channels[random.nextInt(channels.length)];
          byChannel.computeIfAbsent(fingerprints[count++], f -> new ArrayList<>()).add(offset);
        }
      }
      return new Example(stretch, offsets, fingerprints, count, byChannel);
    }

    byte[] encode(FormatVersion version) {
      return IndexRecordCodec.encode(stretch, offsets, fingerprints, count, version);
    }
  }
}
