package io.lqrealtime.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SequenceTrackerTest {

  private static SequenceTracker after(long... sequences) {
    SequenceTracker tracker = new SequenceTracker();
    LongStream.of(sequences).forEach(tracker::record);
    return tracker;
  }

  private static Intervals none() {
    return new Intervals();
  }

  private static Intervals numbers(long... numbers) {
    Intervals set = new Intervals();
    for (long number : numbers) {
      set.addRun(number, number + 1);
    }
    return set;
  }

  @Test
  void allInOrder_isSound() {
    SequenceTracker tracker = after(0, 1, 2, 3);
    assertThat(tracker.unique()).isEqualTo(4);
    assertThat(tracker.late()).isZero();
    assertThat(tracker.duplicates()).isZero();
    assertThat(tracker.lost(4, none())).isZero();
  }

  @Test
  void nothingReceived_losesEverythingThatWasAcked() {
    assertThat(after().lost(5, none())).isEqualTo(5);
    assertThat(after().lost(5, numbers(0, 4))).isEqualTo(3);
  }

  @Test
  void gapInTheMiddleAtTheStartAndAtTheEnd_isLost() {
    assertThat(after(0, 1, 4).lost(5, none())).isEqualTo(2);
    assertThat(after(2).lost(3, none())).isEqualTo(2);
    assertThat(after(0, 1).lost(4, none())).isEqualTo(2);
  }

  @Test
  void missingMessage_thatWasNeverAcked_isNotLost() {
    assertThat(after(0, 1, 4).lost(5, numbers(2))).isEqualTo(1);
    assertThat(after(0, 1, 4).lost(5, numbers(2, 3))).isZero();
    assertThat(after(0, 1, 4).lost(5, numbers(0))).isEqualTo(2);
  }

  @Test
  void repeatedMessage_isADuplicate_evenLongAfter() {
    SequenceTracker tracker = after(0, 1, 1, 2, 0);
    assertThat(tracker.duplicates()).isEqualTo(2);
    assertThat(tracker.unique()).isEqualTo(3);
    assertThat(tracker.late()).isZero();
    assertThat(tracker.lost(3, none())).isZero();
  }

  @Test
  void swappedMessage_isLateAndNotLost_andADuplicateTheSecondTime() {
    SequenceTracker tracker = after(0, 2, 1, 3, 1);
    assertThat(tracker.late()).isEqualTo(1);
    assertThat(tracker.duplicates()).isEqualTo(1);
    assertThat(tracker.lost(4, none())).isZero();
  }

  @Test
  void moreGapsThanRemembered_stillCountEveryLoss() {
    SequenceTracker tracker = new SequenceTracker();
    int gaps = 3 * SequenceTracker.MAX_GAPS;
    for (long i = 0; i < gaps; i++) {
      tracker.record(2 * i + 1);
    }
    assertThat(tracker.lost(2L * gaps, none())).isEqualTo(gaps);
    assertThat(tracker.record(0)).isEqualTo(SequenceTracker.Arrival.DUPLICATE);
    assertThat(tracker.record(2L * gaps - 2)).isEqualTo(SequenceTracker.Arrival.LATE);
  }

  @Test
  void randomArrivals_agreeWithASetOfNumbers() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 500; round++) {
      int sent = 1 + random.nextInt(200);
      List<Long> arrivals = new ArrayList<>();
      Set<Long> unacked = new HashSet<>();
      for (long i = 0; i < sent; i++) {
        for (int copies = Math.max(0, random.nextInt(12) - 9); copies >= 0; copies--) {
          if (random.nextInt(20) > 0) {
            arrivals.add(i);
          }
        }
        if (random.nextInt(10) == 0) {
          unacked.add(i);
        }
      }
      for (int swaps = random.nextInt(10); swaps > 0 && !arrivals.isEmpty(); swaps--) {
        Collections.swap(
            arrivals, random.nextInt(arrivals.size()), random.nextInt(arrivals.size()));
      }
      SequenceTracker tracker = new SequenceTracker();
      Set<Long> seen = new HashSet<>();
      long highest = -1;
      long late = 0;
      long duplicates = 0;
      for (long arrival : arrivals) {
        if (!seen.add(arrival)) {
          duplicates++;
        } else if (arrival < highest) {
          late++;
        }
        highest = Math.max(highest, arrival);
        tracker.record(arrival);
      }
      long lost =
          LongStream.range(0, sent).filter(i -> !seen.contains(i) && !unacked.contains(i)).count();
      Intervals notAcked = numbers(unacked.stream().mapToLong(i -> i).sorted().toArray());
      assertThat(tracker.unique()).as("seed %d", seed).isEqualTo(seen.size());
      assertThat(tracker.late()).as("seed %d", seed).isEqualTo(late);
      assertThat(tracker.duplicates()).as("seed %d", seed).isEqualTo(duplicates);
      assertThat(tracker.lost(sent, notAcked)).as("seed %d", seed).isEqualTo(lost);
    }
  }
}
