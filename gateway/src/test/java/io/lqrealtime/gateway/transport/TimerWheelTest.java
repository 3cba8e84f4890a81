package io.lqrealtime.gateway.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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

  @Test
  void timerThatIsSetAnew_firesThenAndNotBefore() {
    TimerWheel.Timer timer = once();
    wheel.set(timer, 2);
    wheel.set(timer, 5);

    pass(200);

    assertThat(firedAt).containsExactly(5);
  }

  @Test
  void timerThatIsCancelled_firesNoMore_andIsNotHeldOnTo_andTheOthersAre() {
    TimerWheel.Timer first = once();
    wheel.set(first, 3);
    WeakReference<TimerWheel.Timer> middle = new WeakReference<>(once());
    set(middle, 3);
    wheel.set(once(), 3);
    wheel.cancel(first);
    wheel.cancel(first);
    cancel(middle);
    while (middle.get() != null) {
      System.gc();
    }

    pass(2);
    wheel.set(first, 4);
    pass(200);

    assertThat(firedAt).containsExactly(3, 6);
  }

  private void set(WeakReference<TimerWheel.Timer> timer, int inSeconds) {
    wheel.set(Objects.requireNonNull(timer.get()), inSeconds);
  }

  private void cancel(WeakReference<TimerWheel.Timer> timer) {
    wheel.cancel(Objects.requireNonNull(timer.get()));
  }

  @Test
  void timersOfOneSecond_mayCancelEachOther() {
    TimerWheel.Timer last = once();
    wheel.set(
        new TimerWheel.Timer() {
          @Override
          int onTimer() {
            wheel.cancel(last);
            firedAt.add(seconds);
            return NEVER;
          }
        },
        1);
    wheel.set(last, 1);

    pass(200);

    assertThat(firedAt).containsExactly(1);
  }

  private TimerWheel.Timer once() {
    return again(TimerWheel.Timer.NEVER);
  }

  private TimerWheel.Timer again(int every) {
    return new TimerWheel.Timer() {
      @Override
      int onTimer() {
        firedAt.add(seconds);
        return every;
      }
    };
  }

  private void pass(int count) {
    for (int i = 0; i < count; i++) {
      seconds++;
      wheel.tick();
    }
  }
}
