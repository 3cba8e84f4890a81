package io.lqrealtime.router.streams;

import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.REPLACE_THREAD;
import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.errors.MissingSourceTopicException;
import org.junit.jupiter.api.Test;

class ThreadFailuresTest {
  private final List<String> stopped = new ArrayList<>();
  private long now;
  private final ThreadFailures failures = new ThreadFailures(1, stopped::add, () -> now);

  @Test
  void deadThread_isReplaced_upToTheBound() {
    for (int i = 0; i < ThreadFailures.BOUND; i++) {
      assertThat(failures.handle(new IllegalStateException("once"))).isEqualTo(REPLACE_THREAD);
    }
    assertThat(stopped).isEmpty();
    assertThat(failures.handle(new IllegalStateException("too often"))).isEqualTo(SHUTDOWN_CLIENT);
    assertThat(stopped).hasSize(1);
  }

  /** As many as a router may have, and a broker that goes several times. */
  @Test
  void allThreadsAtOnce_isOneFailureOfEach() {
    ThreadFailures many = new ThreadFailures(64, stopped::add, () -> now);
    for (int i = 0; i < 64 * ThreadFailures.BOUND; i++) {
      assertThat(many.handle(new IllegalStateException("away"))).isEqualTo(REPLACE_THREAD);
    }
    assertThat(many.handle(new IllegalStateException("too often"))).isEqualTo(SHUTDOWN_CLIENT);
  }

  @Test
  void deathsFarApart_doNotAddUp() {
    for (int i = 0; i < 3 * ThreadFailures.BOUND; i++) {
      assertThat(failures.handle(new IllegalStateException("now and then")))
          .isEqualTo(REPLACE_THREAD);
      now += ThreadFailures.WINDOW.toNanos() / 2;
    }
  }

  @Test
  void errorOrMissingLog_stopsAtOnce() {
    assertThat(failures.handle(new OutOfMemoryError("heap"))).isEqualTo(SHUTDOWN_CLIENT);
    assertThat(failures.handle(new MissingSourceTopicException("gone"))).isEqualTo(SHUTDOWN_CLIENT);
    assertThat(stopped).hasSize(2);
  }
}
