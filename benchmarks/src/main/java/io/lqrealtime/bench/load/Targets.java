package io.lqrealtime.bench.load;

import io.lqrealtime.bench.client.ConnectRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;

/**
 * The gateways of a run, and the local addresses to reach them from: connection {@code i} goes to
 * URL {@code i mod urls}, from the source addresses in turn. Each source address has ephemeral
 * ports of its own (28,232 by default on Linux).
 */
public final class Targets {

  /** How many addresses of 127.0.0.0/8 connections may come from. */
  public static final int MAX_SOURCES = 64;

  private final List<ConnectRequest> requests;
  private final List<InetAddress> sources;

  private Targets(List<ConnectRequest> requests, List<InetAddress> sources) {
    this.requests = requests;
    this.sources = sources;
  }

  /**
   * Targets.
   *
   * @param sourceAddresses how many of 127.0.0.2, 127.0.0.3, … to come from; 1 leaves it to the
   *     system
   * @throws IllegalArgumentException where a URL is not {@code ws://} or {@code wss://}, or several
   *     source addresses meet one that is not loopback
   */
  public Targets(List<URI> urls, int sourceAddresses) {
    if (urls.isEmpty()) {
      throw new IllegalArgumentException("at least one URL is needed");
    }
    if (sourceAddresses < 1 || sourceAddresses > MAX_SOURCES) {
      throw new IllegalArgumentException(
          "source addresses must be 1 to " + MAX_SOURCES + ", not " + sourceAddresses);
    }
    requests = urls.stream().map(ConnectRequest::to).toList();
    sources = new ArrayList<>();
    if (sourceAddresses > 1) {
      for (URI url : urls) {
        onLoopback("several source addresses are", url);
      }
      for (int i = 0; i < sourceAddresses; i++) {
        sources.add(loopback(2 + i));
      }
    }
  }

  /** The gateways again; at {@code wss://} they may show these certificates, and no others. */
  public Targets trusting(SSLContext certificates) {
    return new Targets(
        requests.stream().map(request -> request.trusting(certificates)).toList(), sources);
  }

  /**
   * The gateways again, if all are on this machine.
   *
   * @param what is for such only, in words, with its verb
   * @throws IllegalArgumentException where one is not loopback
   */
  public Targets onThisMachine(String what) {
    requests.forEach(request -> onLoopback(what, request.uri()));
    return this;
  }

  private static void onLoopback(String what, URI url) {
    InetAddress address = new InetSocketAddress(url.getHost(), 0).getAddress();
    if (address == null || !address.isLoopbackAddress()) {
      throw new IllegalArgumentException(
          what + " for gateways on this machine, not " + url.getHost());
    }
  }

  /** Where connection {@code number} goes to, and from where. */
  public ConnectRequest request(int number, String token) {
    ConnectRequest to = requests.get(number % requests.size()).bearer(token);
    return sources.isEmpty() ? to : to.from(sources.get(number / requests.size() % sources.size()));
  }

  private static InetAddress loopback(int last) {
    try {
      return InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) last});
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }
}
