package io.lqrealtime.bench.command;

import io.lqrealtime.bench.load.Agenda;
import java.time.Duration;
import picocli.CommandLine.Option;

/** When and for how long is measured, and with what messages. */
final class WindowOptions {

  @Option(
      names = "--warmup",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description =
          "Publish for this long before measuring; the JIT needs about 20 s. Default: 20s")
  Duration warmup = Duration.ofSeconds(20);

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "Measure for this long. Default: 30s")
  Duration duration = Duration.ofSeconds(30);

  @Option(
      names = "--drain",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description =
          "After the end, give up on missing messages when none came for this long. Default: 10s")
  Duration drain = Duration.ofSeconds(10);

  @Option(
      names = "--payload-bytes",
      paramLabel = "N",
      description = "Size of a message's payload. Default: ${DEFAULT-VALUE}")
  int payloadBytes = 200;

  Agenda agenda() {
    return Agenda.of(warmup, duration);
  }
}
