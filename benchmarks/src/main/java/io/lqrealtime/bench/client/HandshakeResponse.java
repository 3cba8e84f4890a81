package io.lqrealtime.bench.client;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The server's answer to the upgrade.
 *
 * @param headers by lower-case name; where a header is repeated, its values joined with a comma
 * @param body what an answer other than 101 said, at most 64 KiB
 */
public record HandshakeResponse(int status, Map<String, String> headers, String body) {

  public HandshakeResponse {
    headers = Map.copyOf(headers);
  }

  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
  }

  /** The subprotocol that the server chose. */
  public Optional<String> subprotocol() {
    return header("sec-websocket-protocol");
  }
}
