package io.lqrealtime.record;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.lqrealtime.record.IndexRecord.Stretch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.PrimitiveIterator;
import java.util.TreeMap;

/**
 * Index records of whatever bytes: refused with the documented exception, or read as offsets that
 * rise within the stretch, in the order of the fingerprints, and that are found by their
 * fingerprint. Written again they are read the same.
 */
class IndexRecordCodecFuzzTest {
  @FuzzTest
  void decode_givesWhatKeepsItsPromises_orRefuses(byte[] value) {
    IndexRecord record;
    try {
      record = IndexRecordCodec.decode(value);
    } catch (RecordFormatException e) {
      return;
    }
    Stretch stretch = record.stretch();
    Map<Long, Long> channelOf = new TreeMap<>();
    boolean unique = true;
    for (int channel = 0; channel < record.channels(); channel++) {
      long fingerprint = record.fingerprint(channel);
      List<Long> offsets = offsets(record.offsets(channel));
      assertThat(offsets).isNotEmpty().isSorted().doesNotHaveDuplicates();
      assertThat(offsets.getFirst()).isGreaterThanOrEqualTo(stretch.from());
      assertThat(offsets.getLast()).isLessThan(stretch.to());
      if (channel > 0) {
        assertThat(Long.compareUnsigned(record.fingerprint(channel - 1), fingerprint)).isNegative();
      }
      checkFound(record, fingerprint, offsets);
      for (long offset : offsets) {
        unique &= channelOf.put(offset, fingerprint) == null;
      }
    }
    if (unique) {
      checkWrittenAgain(record, channelOf);
    }
  }

  private static void checkFound(IndexRecord record, long fingerprint, List<Long> offsets) {
    long middle = offsets.get(offsets.size() / 2);
    assertThat(offsets(record.offsets(fingerprint, -1, Long.MAX_VALUE))).isEqualTo(offsets);
    assertThat(offsets(record.offsets(fingerprint, middle, Long.MAX_VALUE)))
        .isEqualTo(offsets.stream().filter(offset -> offset > middle).toList());
    assertThat(offsets(record.offsets(fingerprint, -1, middle)))
        .isEqualTo(offsets.stream().filter(offset -> offset <= middle).toList());
  }

  private static void checkWrittenAgain(IndexRecord record, Map<Long, Long> channelOf) {
    long[] offsets = channelOf.keySet().stream().mapToLong(Long::longValue).toArray();
    long[] fingerprints = channelOf.values().stream().mapToLong(Long::longValue).toArray();
    for (FormatVersion version : FormatVersionTest.ALL) {
      IndexRecord again =
          IndexRecordCodec.decode(
              IndexRecordCodec.encode(
                  record.stretch(), offsets, fingerprints, offsets.length, version));
      assertThat(again.stretch()).isEqualTo(record.stretch());
      assertThat(again.channels()).isEqualTo(record.channels());
      for (int channel = 0; channel < again.channels(); channel++) {
        assertThat(again.fingerprint(channel)).isEqualTo(record.fingerprint(channel));
        assertThat(offsets(again.offsets(channel))).isEqualTo(offsets(record.offsets(channel)));
      }
    }
  }

  private static List<Long> offsets(PrimitiveIterator.OfLong offsets) {
    List<Long> all = new ArrayList<>();
    offsets.forEachRemaining((long offset) -> all.add(offset));
    return all;
  }
}
