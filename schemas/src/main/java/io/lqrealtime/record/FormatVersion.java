package io.lqrealtime.record;

/**
 * The version that records and stored state begin with. A process reads all of {@link #FIRST} to
 * {@link #NEWEST} and writes the one that it is set to, {@link #FIRST} unless told otherwise: so
 * that every process can be brought to read a version before the first one writes it.
 *
 * <p>{@link #REHEARSAL} says what {@link #FIRST} says and goes on with octets, or a JSON field,
 * that nobody reads. It is there so that a raised version can be rolled out, and is, before one is
 * needed (what RFC 8701 does for TLS, and for the same reason).
 *
 * @param number 1 to {@value #NEWEST}
 */
public record FormatVersion(int number) {
  /** The newest version that this code reads and can write. */
  public static final int NEWEST = 2;

  public static final FormatVersion FIRST = new FormatVersion(1);
  public static final FormatVersion REHEARSAL = new FormatVersion(2);

  private static final byte[] UNREAD = {0x55, (byte) 0xaa, 0x55, (byte) 0xaa};

  public FormatVersion {
    if (number < 1 || number > NEWEST) {
      throw new IllegalArgumentException("formats have versions 1 to " + NEWEST);
    }
  }

  /** What a binary format begins with. */
  public byte octet() {
    return (byte) number;
  }

  /**
   * Makes sure that this code reads what begins with this version.
   *
   * @param what it is, for the error
   * @throws RecordFormatException if not
   */
  public static void check(long version, String what) {
    if (version < 1 || version > NEWEST) {
      throw new RecordFormatException(
          what + " of version " + version + ", and this code reads 1 to " + NEWEST);
    }
  }

  /** Whether what is written goes on past the fields that version 1 has. */
  public boolean hasUnread() {
    return number == REHEARSAL.number;
  }

  /** Ends a binary record. */
  public void end(BinaryWriter out) {
    if (hasUnread()) {
      out.bytes(UNREAD);
    }
  }
}
