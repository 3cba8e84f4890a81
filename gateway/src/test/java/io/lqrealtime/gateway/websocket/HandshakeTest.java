package io.lqrealtime.gateway.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.gateway.websocket.Handshake.Accepted;
import io.lqrealtime.gateway.websocket.Handshake.Rejected;
import io.lqrealtime.gateway.websocket.Handshake.Result;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HandshakeTest {

  private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

  private final Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  HandshakeTest() {
    with("Host", "server.example.com");
    with("Upgrade", "websocket");
    with("Connection", "Upgrade");
    with("Sec-WebSocket-Key", KEY);
    with("Sec-WebSocket-Version", "13");
  }

  private void with(String name, String... values) {
    headers.put(name, List.of(values));
  }

  private Result check() {
    return check("GET", "HTTP/1.1");
  }

  private Result check(String method, String version) {
    return Handshake.check(method, version, name -> headers.getOrDefault(name, List.of()));
  }

  private void assertRejected(int status) {
    assertThat(check())
        .isInstanceOfSatisfying(
            Rejected.class,
            rejected -> {
              assertThat(rejected.status()).isEqualTo(status);
              assertThat(rejected.message()).isNotBlank();
            });
  }

  @Test
  void check_ofTheRfcsExample_acceptsWithItsKey() {
    with("Sec-WebSocket-Protocol", "chat, superchat");
    assertThat(check())
        .isEqualTo(
            new Accepted(
                "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", List.of("chat", "superchat"), Optional.empty()));
  }

  @Test
  void check_withoutSubprotocols_acceptsWithNone() {
    assertThat(check())
        .isEqualTo(new Accepted("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", List.of(), Optional.empty()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "HEAD", "get", "CONNECT", ""})
  void check_ofAnotherMethod_is405(String method) {
    assertThat(check(method, "HTTP/1.1"))
        .isInstanceOfSatisfying(
            Rejected.class,
            rejected -> {
              assertThat(rejected.status()).isEqualTo(405);
              assertThat(rejected.headers()).containsExactly(Map.entry("Allow", "GET"));
            });
  }

  @ParameterizedTest
  @CsvSource({
    "HTTP/1.1, true",
    "HTTP/1.2, true",
    "HTTP/1.0, false",
    "HTTP/0.9, false",
    "HTTP/2.0, false",
    "HTTP/1.10, false",
    "http/1.1, false",
    "'', false",
  })
  void check_ofAnHttpVersion_takes11AndItsSuccessors(String version, boolean accepted) {
    assertThat(check("GET", version)).isInstanceOf(accepted ? Accepted.class : Rejected.class);
  }

  @Test
  void check_withoutHost_is400() {
    headers.remove("Host");
    assertRejected(400);
    with("Host", "a", "b");
    assertRejected(400);
  }

  @ParameterizedTest
  @CsvSource({
    "Content-Length, 5",
    "Content-Length, -1",
    "Content-Length, many",
    "Transfer-Encoding, chunked",
    "Transfer-Encoding, identity",
  })
  void check_withContent_is400(String name, String value) {
    with(name, value);
    assertRejected(400);
  }

  @Test
  void check_withContentOfNoLength_accepts() {
    with("Content-Length", "0");
    assertThat(check()).isInstanceOf(Accepted.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"websocket", "WebSocket", "h2c, WEBSOCKET", "h2c ,\twebsocket\t,", ",,websocket"})
  void check_withAnUpgradeThatNamesWebsocket_accepts(String upgrade) {
    with("Upgrade", upgrade);
    assertThat(check()).isInstanceOf(Accepted.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "h2c",
        "websockets",
        "web socket",
        "websocket/13",
        "x-websocket",
        "web,socket"
      })
  void check_withAnUpgradeThatDoesNot_is400(String upgrade) {
    with("Upgrade", upgrade);
    assertRejected(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Upgrade", "upgrade", "keep-alive, Upgrade", "UPGRADE,close"})
  void check_withAConnectionThatNamesUpgrade_accepts(String connection) {
    with("Connection", connection);
    assertThat(check()).isInstanceOf(Accepted.class);
  }

  @Test
  void check_withListsOverSeveralLines_readsThemAsOne() {
    with("Connection", "keep-alive", "Upgrade");
    with("Upgrade", "h2c", "websocket");
    with("Sec-WebSocket-Protocol", "lq.v1", "chat, other");
    assertThat(check())
        .isInstanceOfSatisfying(
            Accepted.class,
            accepted ->
                assertThat(accepted.subprotocols()).containsExactly("lq.v1", "chat", "other"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "keep-alive", "close", "upgraded"})
  void check_withAConnectionThatDoesNot_is400(String connection) {
    with("Connection", connection);
    assertRejected(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Upgrade", "Connection", "Sec-WebSocket-Key"})
  void check_withoutARequiredHeader_is400(String name) {
    headers.remove(name);
    assertRejected(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"8", "0", "14", "", "13, 8", "013"})
  void check_ofAnotherVersion_is426AndNamesThatOfTheRfc(String version) {
    with("Sec-WebSocket-Version", version);
    assertRejected(426);
    assertThat(check())
        .isInstanceOfSatisfying(
            Rejected.class,
            rejected ->
                assertThat(rejected.headers())
                    .containsEntry("Sec-WebSocket-Version", "13")
                    .containsEntry("Upgrade", "websocket"));
  }

  @Test
  void check_withoutAVersion_is426() {
    headers.remove("Sec-WebSocket-Version");
    assertRejected(426);
  }

  @Test
  void check_withTwoVersions_is400() {
    with("Sec-WebSocket-Version", "13", "13");
    assertRejected(400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "AAAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAA=",
        "AAAAAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAAA=",
        "AAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAA===",
        "AAAA-AAAAAAAAAAAAAAA_A==",
        "AAAAAAAAAAAA AAAAAAAAA==",
        "AAAAAAAAAAAAAAAAAAAA====",
        "ééééééééééééééééééééééé=",
      })
  void check_withAKeyThatIsNot16BytesInBase64_is400(String key) {
    with("Sec-WebSocket-Key", key);
    assertRejected(400);
  }

  @Test
  void check_withTwoKeys_is400() {
    with("Sec-WebSocket-Key", KEY, KEY);
    assertRejected(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lq.v1", "lq.v1,", " lq.v1 ", ",,lq.v1"})
  void check_withEmptyElementsAmongTheSubprotocols_ignoresThem(String value) {
    with("Sec-WebSocket-Protocol", value);
    assertThat(check())
        .isInstanceOfSatisfying(
            Accepted.class,
            accepted -> assertThat(accepted.subprotocols()).containsExactly("lq.v1"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", ",", "a b", "a, b c", "a;b", "a/b", "\"a\"", "a,a", "a, b, a", "é", "(a)", "a\u0000"
      })
  void check_withSubprotocolsThatAreNoListOfDifferentTokens_is400(String value) {
    with("Sec-WebSocket-Protocol", value);
    assertRejected(400);
  }

  @Test
  void check_withTokensInSubprotocols_keepsThemAsTheyAre() {
    with("Sec-WebSocket-Protocol", "lq.v1, bearer.eyJh-_.eyJz.c2ln");
    assertThat(check())
        .isInstanceOfSatisfying(
            Accepted.class,
            accepted ->
                assertThat(accepted.subprotocols())
                    .containsExactly("lq.v1", "bearer.eyJh-_.eyJz.c2ln"));
  }

  @Test
  void toString_ofAnyResult_repeatsNoSubprotocol() {
    with("Sec-WebSocket-Protocol", "bearer.secret");
    assertThat(check().toString()).doesNotContain("secret");
    with("Sec-WebSocket-Protocol", "bearer.secret, bearer.secret");
    assertThat(check()).isInstanceOf(Rejected.class);
    assertThat(check().toString()).doesNotContain("secret");
  }
}
