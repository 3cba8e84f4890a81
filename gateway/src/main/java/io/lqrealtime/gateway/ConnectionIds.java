package io.lqrealtime.gateway;

import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.GatewayId;
import java.security.SecureRandom;
import java.util.UUID;

/**
 * The ids of this gateway's connections: its own id, for whoever reads them, and 64 random bits in
 * base 36. Clients see theirs and those of others in their channels, so an id tells nothing of
 * other ids: from a counter, two connections of one tenant would tell how many others came in
 * between.
 *
 * <p>Unique for all that it takes: that any two of a million connections of one gateway have the
 * same id has a chance of 1 in 37 million. Safe for use by several threads.
 */
final class ConnectionIds {
  /** Of a number of 64 bits in base 36, and what divides it from the gateway's id. */
  private static final int RANDOM_LENGTH = 14;

  private static final int LONGEST_READABLE_ID = ConnectionId.MAX_LENGTH - RANDOM_LENGTH;

  private final GatewayId gateway;

  /**
   * Who knows some numbers of a faster generator can tell the next ones. This one does not block an
   * I/O thread: on Linux it reads {@code /dev/urandom}, which waits for nothing once the machine
   * has started, and elsewhere it is seeded where it is made, below. A TLS handshake asks it for
   * more.
   */
  private final SecureRandom random = new SecureRandom();

  ConnectionIds(GatewayId gateway) {
    this.gateway = gateway;
    long _ = random.nextLong();
  }

  ConnectionId next() {
    if (gateway.value().length() > LONGEST_READABLE_ID) {
      return new ConnectionId(UUID.randomUUID().toString());
    }
    return new ConnectionId(gateway + "-" + Long.toUnsignedString(random.nextLong(), 36));
  }
}
