package io.lqrealtime.id;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

class LogIdTest {
  /** Positions that clients hold depend on it: it may never change. */
  @Test
  void ofTopicId_knownId_isTheKnownText() {
    assertThat(LogId.ofTopicId("AAAAAAAAAAAAAAAAAAAAAQ")).hasToString("qzs2bywm");
  }

  @Test
  void parse_anyBits_roundTripsInEightCharacters() {
    long seed = 7;
    Random random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      LogId log = new LogId(random.nextLong() & 0xff_ffff_ffffL);
      assertThat(log.toString()).as("seed %d", seed).matches("[a-z2-7]{8}");
      assertThat(LogId.parse(log.toString())).isEqualTo(log);
    }
    assertThat(new LogId(0)).hasToString("aaaaaaaa");
    assertThat(new LogId(0xff_ffff_ffffL)).hasToString("77777777");
  }

  @Test
  void ofTopicId_differentTopics_differ() {
    Set<LogId> seen = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      seen.add(LogId.ofTopicId(new Uuid(i, 42).toString()));
    }
    assertThat(seen).hasSize(1_000);
  }

  @Test
  void constructor_moreThan40Bits_isRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new LogId(1L << 40));
    assertThatIllegalArgumentException().isThrownBy(() -> new LogId(-1));
  }
}
