package io.lqrealtime.id;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a subscription has seen: for each region the last position. As text the name of the last
 * message seen, followed by {@code ~} and the position in each other region; at most {@value
 * #MAX_LENGTH} characters.
 *
 * <p>A message is delivered on a subscription if and only if its offset is past the cursor's offset
 * for its region. A region that is not named has no position here; what that means is for the
 * reader to say.
 *
 * @param last the position that came last
 * @param others one for each other region, none twice, and no more than the text form has room for
 */
public record Cursor(Position last, List<Position> others) {
  public static final int MAX_LENGTH = 200;

  /** So many positions fit whatever they are: the length need not be counted. */
  private static final int ALWAYS_FIT = (MAX_LENGTH + 1) / (Position.MAX_LENGTH + 1);

  public Cursor {
    others = List.copyOf(others);
    Set<Region> regions = new HashSet<>();
    regions.add(last.region());
    for (Position other : others) {
      if (!regions.add(other.region())) {
        throw new IllegalArgumentException("a cursor names each region once");
      }
    }
    if (others.size() >= ALWAYS_FIT && text(last, others).length() > MAX_LENGTH) {
      throw new IllegalArgumentException("a cursor's text has at most 200 characters");
    }
  }

  public static Cursor at(Position position) {
    return new Cursor(position, List.of());
  }

  /**
   * Parses a cursor or a plain position.
   *
   * @throws IllegalArgumentException where the text is neither
   */
  public static Cursor parse(String text) {
    if (text.length() > MAX_LENGTH) {
      throw new IllegalArgumentException("a position has at most 200 characters");
    }
    String[] parts = text.split("~", -1);
    return new Cursor(
        Position.parse(parts[0]), Stream.of(parts).skip(1).map(Position::parse).toList());
  }

  public Optional<Position> in(Region region) {
    return Stream.concat(Stream.of(last), others.stream())
        .filter(position -> position.region().equals(region))
        .findFirst();
  }

  @Override
  public String toString() {
    return text(last, others);
  }

  private static String text(Position last, List<Position> others) {
    if (others.isEmpty()) {
      return last.toString();
    }
    StringBuilder text = new StringBuilder(MAX_LENGTH).append(last);
    for (Position other : others) {
      text.append('~').append(other);
    }
    return text.toString();
  }
}
