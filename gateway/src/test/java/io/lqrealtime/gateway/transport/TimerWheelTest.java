package io.lqrealtime.gateway.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimerWheelTest {
  private final TimerWheel wheel = new TimerWheel();
  private final List<Integer> firedAt = new ArrayList<>();
  private int seconds;

  @Test
  void timer_firesOnceInItsSecond() {
    wheel.set(once(), 3);

    pass(200);

    assertThat(firedAt).containsExactly(3);
  }

  @Test
  void timer_isAskedWhenToFireAgain() {
    wheel.set(again(60), 60);

    pass(200);

    assertThat(firedAt).containsExactly(60, 120, 180);
  }

  @Test
  void timer_forFurtherThanTheWheel_firesSooner_andForNoTime_inASecond() {
    wheel.set(once(), 1000);
    wheel.set(once(), 0);

    pass(200);

    assertThat(firedAt).containsExactly(1, 63);
  }

  @Test
  void timersOfOneSecond_allFire_thoughSomeAreSetMeanwhile() {
    wheel.set(again(1), 1);
    wheel.set(once(), 1);

    pass(2);

    assertThat(firedAt).containsExactly(1, 1, 2);
  }

  private TimerWheel.Timer once() {
    return again(TimerWheel.Timer.NEVER);
  }

  private TimerWheel.Timer again(int every) {
    return () -> {
      firedAt.add(seconds);
      return every;
    };
  }

  private void pass(int count) {
    for (int i = 0; i < count; i++) {
      seconds++;
      wheel.tick();
    }
  }
}
