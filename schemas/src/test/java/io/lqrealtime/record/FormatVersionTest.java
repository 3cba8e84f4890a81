package io.lqrealtime.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FormatVersionTest {
  static final List<FormatVersion> ALL =
      IntStream.rangeClosed(1, FormatVersion.NEWEST).mapToObj(FormatVersion::new).toList();

  static FormatVersion any(Random random) {
    return ALL.get(random.nextInt(ALL.size()));
  }

  @Test
  void versionsUpToTheNewest_areRead() {
    for (FormatVersion version : ALL) {
      FormatVersion.check(version.octet(), "a record");
    }
    for (long other : new long[] {0, -1, FormatVersion.NEWEST + 1, 1L << 32 | 1}) {
      assertThatExceptionOfType(RecordFormatException.class)
          .isThrownBy(() -> FormatVersion.check(other, "a record"))
          .withMessage("a record of version " + other + ", and this code reads 1 to 2");
    }
  }

  @Test
  void otherVersions_areNotWritten() {
    for (int other : new int[] {0, -1, FormatVersion.NEWEST + 1}) {
      assertThatIllegalArgumentException().isThrownBy(() -> new FormatVersion(other));
    }
  }

  @Test
  void rehearsal_goesOnWhereTheFirstEnds() {
    BinaryWriter first = new BinaryWriter();
    FormatVersion.FIRST.end(first);
    BinaryWriter rehearsal = new BinaryWriter();
    FormatVersion.REHEARSAL.end(rehearsal);

    assertThat(first.toByteArray()).isEmpty();
    assertThat(rehearsal.toByteArray()).isNotEmpty();
  }
}
