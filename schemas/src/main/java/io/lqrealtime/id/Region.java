package io.lqrealtime.id;

/**
 * A region: 1 to 16 characters out of {@code A-Z a-z 0-9 _ -}, so that the cursor over four regions
 * fits a position's 200 characters (with partitions below 100,000 and offsets below 10^16).
 *
 * <p>The constructor throws {@link IllegalArgumentException}, saying what is allowed.
 */
public record Region(String value) {
  public static final int MAX_LENGTH = 16;

  public Region {
    if (!isValid(value)) {
      throw new IllegalArgumentException("a region is 1 to 16 characters out of A-Z a-z 0-9 _ -");
    }
  }

  public static boolean isValid(String value) {
    return Names.isRegion(value, MAX_LENGTH);
  }

  @Override
  public String toString() {
    return value;
  }
}
