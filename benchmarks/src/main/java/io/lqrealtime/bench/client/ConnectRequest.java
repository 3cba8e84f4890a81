package io.lqrealtime.bench.client;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * Where and how to open a connection. Immutable; each method returns a changed copy.
 *
 * <p>A host name is resolved when the request is made, so that a loop of many connects does not
 * resolve each time.
 */
public final class ConnectRequest {

  /** A request header beside those of the handshake itself. */
  record Header(String name, String value) {}

  private final URI uri;
  private final InetSocketAddress remote;
  private final List<Header> headers;
  private final List<String> subprotocols;
  private final Optional<InetAddress> source;
  private final Optional<SSLContext> trusted;

  private ConnectRequest(
      URI uri,
      InetSocketAddress remote,
      List<Header> headers,
      List<String> subprotocols,
      Optional<InetAddress> source,
      Optional<SSLContext> trusted) {
    this.uri = uri;
    this.remote = remote;
    this.headers = headers;
    this.subprotocols = subprotocols;
    this.source = source;
    this.trusted = trusted;
  }

  /**
   * A request without a token, to this address.
   *
   * @throws IllegalArgumentException where the URI is not {@code ws://host[:port][/path]}, or
   *     {@code wss}
   */
  public static ConnectRequest to(URI uri) {
    if (!(isSecure(uri) || "ws".equalsIgnoreCase(uri.getScheme())) || uri.getHost() == null) {
      throw new IllegalArgumentException(
          "need ws://host:port/path or wss://host:port/path, not " + withoutQuery(uri));
    }
    String host = uri.getHost();
    String bare =
        host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    int port = uri.getPort() >= 0 ? uri.getPort() : isSecure(uri) ? 443 : 80;
    return new ConnectRequest(
        uri,
        new InetSocketAddress(bare, port),
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.empty());
  }

  /** Sends {@code Authorization: Bearer token}; an empty token sends no such header. */
  public ConnectRequest bearer(String token) {
    return token.isEmpty() ? this : header("Authorization", "Bearer " + token);
  }

  /**
   * Adds a header; one of the handshake's own ({@code Host}, {@code Upgrade}, …) would come twice.
   */
  public ConnectRequest header(String name, String value) {
    List<Header> more = new ArrayList<>(headers);
    more.add(new Header(oneLine(name), oneLine(value)));
    return new ConnectRequest(uri, remote, List.copyOf(more), subprotocols, source, trusted);
  }

  /** Offers these subprotocols, in this order. */
  public ConnectRequest subprotocols(String... offered) {
    for (String one : offered) {
      oneLine(one);
    }
    return new ConnectRequest(uri, remote, headers, List.of(offered), source, trusted);
  }

  /** Binds the socket to this local address, which has ephemeral ports of its own. */
  public ConnectRequest from(InetAddress address) {
    return new ConnectRequest(uri, remote, headers, subprotocols, Optional.of(address), trusted);
  }

  /**
   * At {@code wss://}, which certificates the server may show; else those that the Java runtime
   * trusts.
   *
   * @see TrustedCertificates
   */
  public ConnectRequest trusting(SSLContext certificates) {
    return new ConnectRequest(
        uri, remote, headers, subprotocols, source, Optional.of(certificates));
  }

  public URI uri() {
    return uri;
  }

  /** Whether it is {@code wss}: TLS. */
  boolean isSecure() {
    return isSecure(uri);
  }

  private static boolean isSecure(URI uri) {
    return "wss".equalsIgnoreCase(uri.getScheme());
  }

  SSLContext trusted() {
    return trusted.orElseGet(TrustedCertificates::ofTheRuntime);
  }

  InetSocketAddress remote() {
    return remote;
  }

  Optional<InetAddress> source() {
    return source;
  }

  /** The bytes of the opening handshake with this {@code Sec-WebSocket-Key}. */
  String handshake(String key) {
    String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    StringBuilder text = new StringBuilder(512).append("GET ").append(path);
    if (uri.getRawQuery() != null) {
      text.append('?').append(uri.getRawQuery());
    }
    text.append(" HTTP/1.1\r\nHost: ").append(uri.getHost());
    if (uri.getPort() >= 0) {
      text.append(':').append(uri.getPort());
    }
    text.append("\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13");
    text.append("\r\nSec-WebSocket-Key: ").append(key);
    if (!subprotocols.isEmpty()) {
      text.append("\r\nSec-WebSocket-Protocol: ").append(String.join(", ", subprotocols));
    }
    for (Header header : headers) {
      text.append("\r\n").append(header.name()).append(": ").append(header.value());
    }
    return text.append("\r\n\r\n").toString();
  }

  /** Without the query, which may hold a token. */
  @Override
  public String toString() {
    return withoutQuery(uri);
  }

  private static String withoutQuery(URI uri) {
    String text = uri.toString();
    int query = text.indexOf('?');
    return query < 0 ? text : text.substring(0, query);
  }

  private static String oneLine(String text) {
    if (text.indexOf('\r') >= 0 || text.indexOf('\n') >= 0) {
      throw new IllegalArgumentException("a line break in a request header");
    }
    return text;
  }
}
