package io.lqrealtime.bench.probe;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The machine, and this process on it. */
public final class Machine {

  private static final Pattern TCP_PAGES = Pattern.compile("(?m)^TCP: .*\\bmem (\\d+)$");
  private static final long PAGE = 4096;

  private Machine() {}

  /**
   * Time of all cores since the start of the machine, in ticks.
   *
   * @param busy not idle, not waiting for a disk
   */
  public record CoreTime(long busy, long total) {

    /** The busy part of the time since an earlier look, 0 to 1. */
    public double busySince(CoreTime earlier) {
      long all = total - earlier.total;
      return all <= 0 ? 0 : (busy - earlier.busy) / (double) all;
    }
  }

  public static int cores() {
    return Runtime.getRuntime().availableProcessors();
  }

  /** Of the last minute; negative where the system does not tell. */
  public static double loadAverage() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  }

  /** User and system time of this process. */
  public static long ownCpuNanos() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? Math.max(0, system.getProcessCpuTime())
        : 0;
  }

  /** From {@code /proc/stat}: nothing on other systems than Linux. */
  public static Optional<CoreTime> coreTime() {
    try {
      String first = Files.readString(Path.of("/proc/stat")).lines().findFirst().orElse("");
      return first.startsWith("cpu ") ? Optional.of(coreTime(first)) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * What the kernel holds in buffers of TCP sockets, of all processes, in bytes; from {@code
   * /proc/net/sockstat}: nothing on other systems than Linux.
   */
  public static OptionalLong tcpMemory() {
    try {
      return tcpMemory(Files.readString(Path.of("/proc/net/sockstat")));
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  static OptionalLong tcpMemory(String sockstat) {
    Matcher matcher = TCP_PAGES.matcher(sockstat);
    return matcher.find()
        ? OptionalLong.of(Long.parseLong(matcher.group(1)) * PAGE)
        : OptionalLong.empty();
  }

  static CoreTime coreTime(String line) {
    String[] fields = line.trim().split("\\s+", -1);
    long total = 0;
    long idle = 0;
    // user nice system idle iowait irq softirq steal; guest times are in user and nice already.
    for (int i = 1; i < Math.min(fields.length, 9); i++) {
      long ticks = Long.parseLong(fields[i]);
      total += ticks;
      if (i == 4 || i == 5) {
        idle += ticks;
      }
    }
    return new CoreTime(total - idle, total);
  }
}
