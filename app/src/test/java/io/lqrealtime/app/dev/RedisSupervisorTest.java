package io.lqrealtime.app.dev;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.embedded.EmbeddedRedis;
import io.lqrealtime.embedded.RedisOptions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RedisSupervisorTest {
  @Test
  void serverThatIsKilled_runsAgainOnItsPort() throws Exception {
    try (EmbeddedRedis redis = EmbeddedRedis.start(RedisOptions.ephemeral());
        RedisSupervisor supervisor = RedisSupervisor.start(redis)) {
      assertThat(supervisor).isNotNull();
      int port = redis.port();
      for (int life = 0; life < 2; life++) {
        long killed = redis.pid();
        ProcessHandle.of(killed).orElseThrow().destroyForcibly();
        awaitAnotherThan(killed, redis);
        assertThat(redis.port()).isEqualTo(port);
      }
    }
  }

  private static void awaitAnotherThan(long pid, EmbeddedRedis redis) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!redis.isRunning() || pid(redis) == pid) {
      assertThat(System.nanoTime()).as("a deadline").isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private static long pid(EmbeddedRedis redis) {
    try {
      return redis.pid();
    } catch (IllegalStateException e) {
      return -1;
    }
  }
}
