package io.lqrealtime.bench.probe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A process on this machine, of any kind, by its id.
 *
 * @param name what the report calls it
 */
public record ProcessProbe(String name, long pid) {

  private static final Pattern RSS = Pattern.compile("VmRSS:\\s+(\\d+) kB");
  private static final Pattern USED = Pattern.compile("\\bused\\s+(\\d+)([KMG])");
  private static final long PATIENCE_SECONDS = 60;

  /** From {@code pid} or {@code name=pid}. */
  public static ProcessProbe of(String text) {
    int equals = text.indexOf('=');
    String number = text.substring(equals + 1);
    if (!number.matches("[0-9]{1,10}")) {
      throw new IllegalArgumentException("need [name=]pid, not " + text);
    }
    String name = equals < 0 ? "pid " + number : text.substring(0, equals);
    return new ProcessProbe(name, Long.parseLong(number));
  }

  /** User and system time so far, in nanoseconds; on Linux in steps of 10 ms. */
  public Reading<Long> cpuNanos() {
    return ProcessHandle.of(pid)
        .flatMap(process -> process.info().totalCpuDuration())
        .<Reading<Long>>map(cpu -> new Reading.Got<>(cpu.toNanos()))
        .orElseGet(() -> new Reading.Missing<>("no CPU time of process " + pid));
  }

  /** Resident memory, from {@code /proc/PID/status}. */
  public Reading<Long> rssBytes() {
    try {
      Matcher found = RSS.matcher(Files.readString(Path.of("/proc", Long.toString(pid), "status")));
      return found.find()
          ? new Reading.Got<>(Long.parseLong(found.group(1)) * 1024)
          : new Reading.Missing<>("process " + pid + " has no VmRSS");
    } catch (IOException e) {
      return new Reading.Missing<>("no /proc/" + pid + "/status on this system");
    }
  }

  /**
   * Bytes of live objects of a Java process: has it collect its garbage ({@code jcmd PID GC.run})
   * and reads what is in use then ({@code GC.heap_info}).
   */
  public Reading<Long> liveHeapBytes() {
    return switch (jcmd("GC.run")) {
      case Reading.Missing<String>(String reason) -> new Reading.Missing<>(reason);
      case Reading.Got<String> done ->
          switch (jcmd("GC.heap_info")) {
            case Reading.Missing<String>(String reason) -> new Reading.Missing<>(reason);
            case Reading.Got<String>(String info) ->
                usedOf(info)
                    .<Reading<Long>>map(Reading.Got::new)
                    .orElseGet(() -> new Reading.Missing<>("GC.heap_info that is not understood"));
          };
    };
  }

  /**
   * The sum of the heap's parts: each has a line of its own, further lines are indented; metaspace
   * is no heap.
   */
  static Optional<Long> usedOf(String heapInfo) {
    long sum = 0;
    boolean any = false;
    for (String line : heapInfo.lines().toList()) {
      Matcher used = USED.matcher(line);
      if (!line.startsWith(" ") && !line.startsWith("Metaspace") && used.find()) {
        sum += Long.parseLong(used.group(1)) * unit(used.group(2));
        any = true;
      }
    }
    return any ? Optional.of(sum) : Optional.empty();
  }

  private static long unit(String letter) {
    return switch (letter) {
      case "K" -> 1L << 10;
      case "M" -> 1L << 20;
      default -> 1L << 30;
    };
  }

  private Reading<String> jcmd(String command) {
    Path beside = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    String jcmd = Files.isExecutable(beside) ? beside.toString() : "jcmd";
    try {
      Path output = Files.createTempFile("lq-bench-jcmd", ".txt");
      try {
        Process process =
            new ProcessBuilder(List.of(jcmd, Long.toString(pid), command))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly();
          return new Reading.Missing<>("jcmd " + command + " took too long");
        }
        String said = Files.readString(output);
        return process.exitValue() == 0
            ? new Reading.Got<>(said)
            : new Reading.Missing<>("jcmd " + pid + " " + command + " failed: " + firstLine(said));
      } finally {
        Files.delete(output);
      }
    } catch (IOException e) {
      return new Reading.Missing<>("jcmd did not run: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Reading.Missing<>("interrupted while jcmd ran");
    }
  }

  private String firstLine(String text) {
    return text.lines()
        .filter(line -> !line.isBlank() && !line.equals(pid + ":"))
        .findFirst()
        .orElse("no output");
  }
}
