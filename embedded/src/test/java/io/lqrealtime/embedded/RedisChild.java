package io.lqrealtime.embedded;

import java.nio.file.Path;

/** Runs a Redis server, tells its process id, and waits to be killed. */
final class RedisChild {
  private RedisChild() {}

  public static void main(String[] arguments) throws Exception {
    EmbeddedRedis redis = EmbeddedRedis.start(RedisOptions.in(Path.of(arguments[0])));
    if (arguments[1].equals("paused")) {
      redis.pause();
    }
    System.out.println(redis.pid());
    while (System.in.read() >= 0) {
      // Whoever started this process still holds the other end.
    }
    Runtime.getRuntime().halt(1);
  }
}
