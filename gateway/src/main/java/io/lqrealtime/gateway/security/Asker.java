package io.lqrealtime.gateway.security;

import io.lqrealtime.id.TenantId;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** For whom a token is to be verified: askers take turns. */
public sealed interface Asker {

  /** The clients of a tenant that are connected, and give newer tokens. */
  record Connected(TenantId tenant) implements Asker {}

  /**
   * Somebody who wants to connect. All that is known before the token is verified is where they
   * come from; behind a proxy that is the proxy.
   */
  record Stranger(InetAddress network) implements Asker {}

  /** A stranger at this address; with IPv6 one host has a whole /64 of them (RFC 6177). */
  static Stranger stranger(InetAddress address) {
    if (!(address instanceof Inet6Address)) {
      return new Stranger(address);
    }
    byte[] network = address.getAddress();
    Arrays.fill(network, 8, 16, (byte) 0);
    try {
      return new Stranger(InetAddress.getByAddress(network));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("sixteen bytes are an address", e);
    }
  }
}
