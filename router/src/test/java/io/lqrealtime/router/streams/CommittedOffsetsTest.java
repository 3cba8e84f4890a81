package io.lqrealtime.router.streams;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class CommittedOffsetsTest {
  private static final int FEW = CommittedOffsets.FEW;
  private static final Duration OFTEN = Duration.ofMillis(10);

  /** Answers are taken as the test gives them; an empty map stands for none. */
  private final BlockingQueue<Map<Integer, Long>> answers = new SynchronousQueue<>();

  private Map<Integer, Long> answer() throws TimeoutException, InterruptedException {
    Map<Integer, Long> answer = answers.take();
    if (answer.isEmpty()) {
      throw new TimeoutException("no answer");
    }
    return answer;
  }

  @Test
  void answer_isKnownByPartition_andStandsUntilTheNext() throws Exception {
    try (CommittedOffsets offsets = new CommittedOffsets(this::answer, () -> FEW + 1, OFTEN)) {
      assertThat(offsets.committed(1)).isEqualTo(OptionalLong.empty());
      offsets.start();
      give(Map.of(1, 5L));
      give(Map.of());
      assertThat(offsets.committed(1)).isEqualTo(OptionalLong.of(5));
      assertThat(offsets.committed(2)).isEqualTo(OptionalLong.empty());
      give(Map.of(1, 9L, 2, 3L));
      // The question after it is asked: the answer has been taken.
      give(Map.of());
      assertThat(offsets.committed(1)).isEqualTo(OptionalLong.of(9));
      assertThat(offsets.committed(2)).isEqualTo(OptionalLong.of(3));
    }
  }

  @Test
  void kafka_isNotAskedAgain_whileHardlyAnythingWaits() throws Exception {
    BlockingQueue<Long> asked = new LinkedBlockingQueue<>();
    CommittedOffsets.Source source =
        () -> {
          asked.add(System.nanoTime());
          return Map.of();
        };
    try (CommittedOffsets offsets = new CommittedOffsets(source, () -> FEW, OFTEN)) {
      offsets.start();

      assertThat(asked.poll(20, TimeUnit.SECONDS)).isNotNull();
      assertThat(asked.poll(300, TimeUnit.MILLISECONDS)).isNull();
    }
  }

  private void give(Map<Integer, Long> answer) throws InterruptedException {
    assertThat(answers.offer(answer, 20, TimeUnit.SECONDS)).as("Kafka is asked").isTrue();
  }
}
