package io.lqrealtime.gateway.websocket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Requests of whatever text, a method, a version and a header field a line: a handshake is exactly
 * what the rules of RFC 6455 section 4.2.1, once more as patterns here, let through, if it has no
 * content.
 */
class HandshakeFuzzTest {
  private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

  // RFC 9110 section 5.6.1.2: a recipient takes empty elements.
  private static final Pattern TOKENS =
      Pattern.compile("[ \t,]*" + TOKEN + "([ \t]*,[ \t]*(" + TOKEN + ")?)*[ \t]*");

  // RFC 6455 section 9.1, and white space wherever RFC 2616, which it builds on, lets it be.
  private static final String VALUE = "(?:" + TOKEN + "|\"(?:\\\\?[!#$%&'*+.^_`|~0-9A-Za-z-])+\")";
  private static final Pattern EXTENSION =
      Pattern.compile(TOKEN + "(?:[ \t]*;[ \t]*" + TOKEN + "(?:[ \t]*=[ \t]*" + VALUE + ")?)*");
  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9+/]{22}==");

  @FuzzTest
  @DictionaryEntries({
    "HTTP/1.1",
    "Host: a",
    "Upgrade: websocket",
    "Connection: keep-alive, Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol: lq.v1, bearer.a.b.c",
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
    "; server_max_window_bits=\"15\"",
    "Content-Length: 0",
    "Transfer-Encoding: chunked"
  })
  void check_acceptsWhatTheRulesLetThrough_andNothingElse(byte[] input) {
    List<String> lines = new String(input, ISO_8859_1).lines().toList();
    String method = lines.isEmpty() ? "" : lines.get(0);
    String version = lines.size() < 2 ? "" : lines.get(1);
    Map<String, List<String>> fields = fields(lines);
    Handshake.Headers headers = name -> fields.getOrDefault(name, List.of());

    Handshake.Result result = Handshake.check(method, version, headers);

    List<String> offers = headers.values("Sec-WebSocket-Protocol");
    List<String> protocols = elements(offers);
    boolean offered =
        offers.isEmpty()
            || (!protocols.isEmpty()
                && protocols.stream().allMatch(offer -> offer.matches(TOKEN))
                && new HashSet<>(protocols).size() == protocols.size());
    List<String> keys = headers.values("Sec-WebSocket-Key");
    boolean expected =
        method.equals("GET")
            && version.matches("HTTP/1\\.[1-9]")
            && headers.values("Host").size() == 1
            && headers.values("Transfer-Encoding").isEmpty()
            && headers.values("Content-Length").stream().allMatch("0"::equals)
            && names(headers.values("Upgrade"), "websocket")
            && names(headers.values("Connection"), "upgrade")
            && headers.values("Sec-WebSocket-Version").equals(List.of("13"))
            && keys.size() == 1
            && KEY.matcher(keys.getFirst()).matches()
            && elements(headers.values("Sec-WebSocket-Extensions")).stream()
                .allMatch(extension -> EXTENSION.matcher(extension).matches())
            && offered;
    assertThat(result instanceof Handshake.Accepted).isEqualTo(expected);
    switch (result) {
      case Handshake.Accepted accepted -> {
        assertThat(accepted.accept()).isEqualTo(accept(keys.getFirst()));
        assertThat(accepted.subprotocols()).isEqualTo(protocols);
        if (offers.size() == 1) {
          assertThat(offers.getFirst()).matches(TOKENS);
        }
      }
      case Handshake.Rejected rejected -> assertThat(rejected.status()).isIn(400, 405, 426);
    }
  }

  private static Map<String, List<String>> fields(List<String> lines) {
    Map<String, List<String>> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String line : lines.subList(Math.min(2, lines.size()), lines.size())) {
      String[] field = line.split(":", 2);
      if (field.length == 2) {
        String value = field[1].replaceAll("^[ \t]+|[ \t]+$", "");
        fields.computeIfAbsent(field[0], _ -> new ArrayList<>()).add(value);
      }
    }
    return fields;
  }

  private static List<String> elements(List<String> lines) {
    return lines.stream()
        .flatMap(line -> Stream.of(line.split(",")))
        .map(element -> element.replaceAll("^[ \t]+|[ \t]+$", ""))
        .filter(element -> !element.isEmpty())
        .toList();
  }

  private static boolean names(List<String> lines, String token) {
    return elements(lines).stream()
        .anyMatch(element -> element.toLowerCase(Locale.ROOT).equals(token));
  }

  private static String accept(String key) {
    try {
      return Base64.getEncoder()
          .encodeToString(
              MessageDigest.getInstance("SHA-1")
                  .digest(
                      (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                          .getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
