package io.lqrealtime.id;

/**
 * The name of a message: where its record lies in its home partition of its region's inbound log.
 * As text {@code region.log.partition.offset}; the same for ever and in every region.
 *
 * @param partition 0 or more
 * @param offset 0 or more; {@link #BEFORE_FIRST} in a cursor that has seen nothing of a log that
 *     holds its very first record
 */
public record Position(Region region, LogId log, int partition, long offset) {
  /** Region, log, ten digits of a partition, nineteen of an offset, and three dots. */
  static final int MAX_LENGTH = Region.MAX_LENGTH + LogId.TEXT_LENGTH + 10 + 19 + 3;

  /** Before a partition's first record: names no message. */
  public static final long BEFORE_FIRST = -1;

  public Position {
    if (partition < 0 || offset < BEFORE_FIRST) {
      throw new IllegalArgumentException("a position's partition and offset are not negative");
    }
  }

  /**
   * Parses {@code region.log.partition.offset}. Numbers are decimal without sign or leading zeros
   * (but for the offset {@code -1}), so that a position has one text form.
   *
   * @throws IllegalArgumentException where the text is no position
   */
  public static Position parse(String text) {
    String[] parts = text.length() > MAX_LENGTH ? new String[0] : text.split("\\.", -1);
    if (parts.length != 4) {
      throw new IllegalArgumentException("a position is region.log.partition.offset");
    }
    long partition = number(parts[2]);
    if (partition > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("a partition is below 2^31");
    }
    return new Position(
        new Region(parts[0]),
        LogId.parse(parts[1]),
        (int) partition,
        parts[3].equals("-1") ? BEFORE_FIRST : number(parts[3]));
  }

  private static long number(String text) {
    boolean canonical =
        !text.isEmpty()
            && text.length() <= 19
            && text.chars().allMatch(c -> c >= '0' && c <= '9')
            && (text.length() == 1 || text.charAt(0) != '0');
    if (!canonical) {
      throw new IllegalArgumentException("a position's numbers are plain decimal");
    }
    // 19 digits may still pass Long.MAX_VALUE: parseLong then throws, and its exception is an
    // IllegalArgumentException too.
    return Long.parseLong(text);
  }

  @Override
  public String toString() {
    return region.value() + '.' + log + '.' + partition + '.' + offset;
  }
}
