package io.lqrealtime.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lqrealtime.bench.client.HandshakeException;
import io.lqrealtime.gateway.Gateway;
import io.lqrealtime.it.fixture.Await;
import io.lqrealtime.it.fixture.Cluster;
import io.lqrealtime.it.fixture.Deflate;
import io.lqrealtime.it.fixture.Frame;
import io.lqrealtime.it.fixture.RawSocket;
import io.lqrealtime.it.fixture.RawSocket.Answer;
import io.lqrealtime.it.fixture.TestClient;
import io.lqrealtime.it.fixture.Tokens;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever a client sends gets the protocol's answer, and the next client is served as ever. */
class MalformedInputTest {
  private static final int MAX_CONNECTIONS = 20;
  private static final int MAX_ERRORS = 30;
  private static final int MAX_FRAME = 4096;
  private static final int MAX_FRAGMENTS = 3;
  private static final int MAX_PAYLOAD = 2048;
  private static Cluster cluster;
  private static URI uri;
  private static String token;

  @BeforeAll
  static void start() throws Exception {
    cluster = Cluster.start();
    cluster.routerHere();
    Gateway gateway =
        cluster.gatewayHere(
            Map.of(
                "LQ_ALLOWED_ORIGINS", "https://good.example",
                "WS_MAX_CONNECTIONS_PER_INSTANCE", "" + MAX_CONNECTIONS,
                "WS_MAX_ERRORS_PER_MINUTE", "" + MAX_ERRORS,
                "WS_MAX_FRAME_BYTES", "" + MAX_FRAME,
                "WS_MAX_FRAGMENTS", "" + MAX_FRAGMENTS,
                "LQ_MAX_PAYLOAD_BYTES", "" + MAX_PAYLOAD,
                "WS_MAX_SUBSCRIPTIONS", "2"));
    uri = URI.create("ws://127.0.0.1:" + gateway.address().getPort() + "/ws");
    token = cluster.tokens().of("acme", "alice");
  }

  @AfterAll
  static void end() throws Exception {
    cluster.close();
  }

  @AfterEach
  void aNormalClient_isServedAfterwards() throws Exception {
    try (TestClient client = connectWhenThereIsRoom()) {
      client.subscribe("room.normal");
      String position = client.publishOnce("room.normal", "{\"fine\":1.50}").position();
      Frame message = client.messages(1).getFirst();
      assertThat(message.position()).isEqualTo(position);
      assertThat(message.rawPayload()).isEqualTo("{\"fine\":1.50}");
    }
  }

  /** The server notices an abrupt end a moment later. */
  private static TestClient connectWhenThereIsRoom() throws Exception {
    TestClient[] connected = new TestClient[1];
    Await.until(
        "there is room",
        Await.PATIENCE,
        () -> {
          try {
            connected[0] = TestClient.connect(uri, token);
            return true;
          } catch (HandshakeException e) {
            assertThat(e.status()).isEqualTo(503);
            return false;
          }
        });
    return connected[0];
  }

  @Test
  void token_missingOrInvalid_isRefusedWith401AndAReason() throws Exception {
    Instant later = Instant.now().plus(Duration.ofHours(1));
    String expired =
        cluster.tokens().of("acme", "alice", Instant.now().minus(Duration.ofHours(1)), Map.of());
    String otherSecret =
        new Tokens("another secret, of more than 32 bytes it is")
            .of("acme", "alice", later, Map.of());
    String none =
        base64("{\"alg\":\"none\"}")
            + "."
            + base64(
                "{\"tenant\":\"acme\",\"sub\":\"alice\",\"exp\":" + later.getEpochSecond() + "}")
            + ".";
    String tampered =
        token.substring(0, token.indexOf('.') + 1)
            + base64(
                "{\"tenant\":\"globex\",\"sub\":\"alice\",\"exp\":" + later.getEpochSecond() + "}")
            + token.substring(token.lastIndexOf('.'));
    for (String bad : List.of("", "nonsense", "a.b.c", expired, otherSecret, none, tampered)) {
      HandshakeException refused =
          catchThrowableOfType(HandshakeException.class, () -> TestClient.connect(uri, bad));
      assertThat(refused).as("token '%s'", bad).isNotNull();
      assertRefusal(refused.status(), refused.body(), 401, "unauthorized");
      assertThat(bad.isEmpty() || !refused.body().contains(bad)).isTrue();
    }
  }

  @Test
  void token_inTwoPlaces_isRefused() throws Exception {
    for (String[] headers :
        List.of(
            new String[] {"/ws?token=" + token, "Authorization: Bearer " + token},
            new String[] {"/ws?token=" + token, "Sec-WebSocket-Protocol: lq.v1, bearer." + token},
            new String[] {"/ws?token=" + token + "&token=" + token, ""})) {
      try (RawSocket raw = RawSocket.to(uri)) {
        Answer answer = raw.handshake("GET", headers[0], headers[1]);
        assertRefusal(answer.status(), answer.body(), 401, "unauthorized");
      }
    }
  }

  @Test
  void token_inEachOfThePlaces_isAcceptedAndNotEchoed() throws Exception {
    for (String[] headers :
        List.of(
            new String[] {"/ws?token=" + token, ""},
            new String[] {"/ws", "Authorization: Bearer " + token},
            new String[] {"/ws", "Sec-WebSocket-Protocol: lq.v1, bearer." + token})) {
      try (RawSocket raw = RawSocket.to(uri)) {
        Answer answer = raw.handshake("GET", headers[0], headers[1]);
        assertThat(answer.status()).isEqualTo(101);
        assertThat(answer.head()).doesNotContain(token);
      }
    }
  }

  @Test
  void origin_thatIsNotAllowed_isRefusedWith403() throws Exception {
    try (RawSocket raw = RawSocket.to(uri)) {
      Answer answer =
          raw.handshake(
              "GET", "/ws", "Authorization: Bearer " + token, "Origin: https://evil.example");
      assertRefusal(answer.status(), answer.body(), 403, "forbidden");
    }
    try (RawSocket raw = RawSocket.to(uri)) {
      Answer answer =
          raw.handshake(
              "GET",
              "/ws",
              "Authorization: Bearer " + token,
              "Origin: https://good.example",
              "Origin: https://evil.example");
      assertRefusal(answer.status(), answer.body(), 403, "forbidden");
    }
    try (RawSocket raw = RawSocket.to(uri)) {
      Answer answer =
          raw.handshake(
              "GET", "/ws", "Authorization: Bearer " + token, "Origin: https://good.example");
      assertThat(answer.status()).isEqualTo(101);
    }
  }

  @Test
  void capacity_reached_isRefusedWith503AndRetryAfter() throws Exception {
    List<TestClient> clients = new ArrayList<>();
    try {
      while (clients.size() < MAX_CONNECTIONS) {
        clients.add(connectWhenThereIsRoom());
      }
      try (RawSocket raw = RawSocket.to(uri)) {
        Answer answer = raw.handshake("GET", "/ws", "Authorization: Bearer " + token);
        assertRefusal(answer.status(), answer.body(), 503, "unavailable");
        assertThat(answer.head()).containsPattern("(?i)\r\nRetry-After: \\d+\r\n");
      }
    } finally {
      clients.forEach(TestClient::close);
    }
  }

  @Test
  void handshake_thatIsNone_isRefused() throws Exception {
    String bearer = "Authorization: Bearer " + token;
    String host = "Host: localhost";
    String upgrade = "Upgrade: websocket";
    String connection = "Connection: Upgrade";
    String version = "Sec-WebSocket-Version: 13";
    String key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
    assertThat(status(bearer, host)).isEqualTo(400);
    assertThat(status(bearer, host, connection, version, key)).isEqualTo(400);
    assertThat(status(bearer, host, upgrade, version, key)).isEqualTo(400);
    assertThat(status(bearer, host, upgrade, connection, version)).isEqualTo(400);
    assertThat(status(bearer, host, upgrade, connection, version, "Sec-WebSocket-Key: short"))
        .isEqualTo(400);
    try (RawSocket raw = RawSocket.to(uri)) {
      Answer answer =
          raw.request(
              "GET", "/ws", bearer, host, upgrade, connection, key, "Sec-WebSocket-Version: 8");
      assertThat(answer.status()).isEqualTo(426);
      assertThat(answer.head()).containsPattern("(?i)\r\nSec-WebSocket-Version: 13\r\n");
    }
  }

  private static int status(String... headers) throws Exception {
    try (RawSocket raw = RawSocket.to(uri)) {
      Answer answer = raw.request("GET", "/ws", headers);
      assertRefusal(answer.status(), answer.body(), answer.status(), "bad_request");
      return answer.status();
    }
  }

  @Test
  void frame_thatBreaksRfc6455_isAnsweredWithItsCloseCode() throws Exception {
    assertThat(closed(raw -> raw.sendFrame(RawSocket.BINARY, new byte[] {1}))).isEqualTo(1003);
    assertThat(closed(raw -> raw.sendUnmasked(RawSocket.TEXT, "{}".getBytes(UTF_8))))
        .isEqualTo(1002);
    assertThat(closed(raw -> raw.sendFirstByte(0x80 | 0x40 | RawSocket.TEXT))).isEqualTo(1002);
    assertThat(closed(raw -> raw.sendFirstByte(0x83))).isEqualTo(1002);
    assertThat(closed(raw -> raw.sendFirstByte(0x80))).isEqualTo(1002);
    assertThat(closed(raw -> raw.sendFirstByte(0x09))).isEqualTo(1002);
    assertThat(closed(raw -> raw.sendFrame(RawSocket.CLOSE, new byte[] {3}))).isEqualTo(1002);
    assertThat(closed(raw -> raw.sendFrame(RawSocket.TEXT, new byte[] {'"', (byte) 0xff, '"'})))
        .isEqualTo(1007);
    assertThat(closed(raw -> raw.sendHead(RawSocket.TEXT, MAX_FRAME + 1))).isEqualTo(1009);
    assertThat(closed(raw -> raw.sendHead(RawSocket.TEXT, Integer.MAX_VALUE))).isEqualTo(1009);
  }

  private interface Misdeed {
    void on(RawSocket raw) throws Exception;
  }

  private static int closed(Misdeed misdeed) throws Exception {
    try (RawSocket raw = RawSocket.upgraded(uri, token)) {
      misdeed.on(raw);
      return raw.closeCode();
    }
  }

  @Test
  void connection_thatEndsInTheMiddle_isForgotten() throws Exception {
    for (int i = 0; i < 2 * MAX_CONNECTIONS; i++) {
      connectWhenThereIsRoom().raw().connection().abort();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          nonsense                                                          | bad_request      |
          []                                                                | bad_request      |
          "text"                                                            | bad_request      |
          {"type":"ping"                                                    | bad_request      |
          {"type":"ping"} {"type":"ping"}                                   | bad_request      |
          {}                                                                | bad_request      |
          {"type":7,"id":"a"}                                               | bad_request      | a
          {"type":"shout","id":"a"}                                         | unsupported_type | a
          {"type":"subscribe","id":"a"}                                     | bad_request      | a
          {"type":"subscribe","id":"a","channel":""}                        | bad_request      | a
          {"type":"subscribe","id":"a","channel":"no channel"}              | bad_request      | a
          {"type":"subscribe","id":"a","channel":"room.é"}                  | bad_request      | a
          {"type":"subscribe","id":"a","channel":["room.1"]}                | bad_request      | a
          {"type":"subscribe","id":"a","channel":"room.1","since":"yester"} | bad_request      | a
          {"type":"subscribe","id":"a","channel":"room.1","since":7}        | bad_request      | a
          {"type":"subscribe","id":"a","channel":"room.1","presence":"yes"} | bad_request      | a
          {"type":"unsubscribe","id":"a"}                                   | bad_request      | a
          {"type":"publish","id":"a","payload":1}                           | bad_request      | a
          {"type":"publish","id":"a","channel":"room.1"}                    | bad_request      | a
          {"type":"publish","id":"a","channel":"room.1","payload":}         | bad_request      | a
          {"type":"publish","id":"","channel":"room.1","payload":1}         | bad_request      |
          {"type":"publish","id":7,"channel":"room.1","payload":1}          | bad_request      |
          {"type":"publish","id":"\\ud800","channel":"room.1","payload":1}  | bad_request      |
          {"type":"publish","id":"a","channel":"user:bob","payload":1}      | forbidden        | a
          {"type":"publish","id":"a","channel":"tenant:news","payload":1}   | forbidden        | a
          {"type":"subscribe","id":"a","channel":"user:bob"}                | forbidden        | a
          {"type":"presence","channel":"room.1"}                            | bad_request      |
          {"type":"presence","id":"a"}                                      | bad_request      | a
          {"type":"history","id":"a","channel":"room.1","limit":0}          | bad_request      | a
          {"type":"history","id":"a","channel":"room.1","limit":1001}       | bad_request      | a
          {"type":"refresh","id":"a"}                                       | bad_request      | a
          {"type":"refresh","id":"a","payload":{"token":7}}                 | bad_request      | a
          {"type":"refresh","id":"a","payload":{"token":"nonsense"}}        | forbidden        | a
          """)
  void frame_thatIsNotAsTheProtocolSays_isAnsweredWithAnError(String text, String code, String id)
      throws Exception {
    try (TestClient client = connectWhenThereIsRoom()) {
      client.send(text);
      Frame error = client.poll(Await.PATIENCE).orElseThrow();

      assertThat(error.type()).as(error.text()).isEqualTo("error");
      assertThat(error.code()).as(error.text()).isEqualTo(code);
      assertThat(error.payload().path("message").asText()).isNotEmpty();
      if (id == null) {
        assertThat(error.json().has("id")).as(error.text()).isFalse();
      } else {
        assertThat(error.id()).isEqualTo(id);
      }
      assertThat(client.everythingSoFar()).isEmpty();
    }
  }

  @Test
  void limit_ofIdPayloadAndSubscriptions_isAnsweredWithAnError() throws Exception {
    try (TestClient client = connectWhenThereIsRoom()) {
      client.publish("x".repeat(129), "room.1", "1");
      Frame longId = client.expect("error");
      assertThat(longId.code()).isEqualTo("bad_request");
      assertThat(longId.json().has("id")).isFalse();

      client.publish("big", "room.1", "\"" + "x".repeat(MAX_PAYLOAD) + "\"");
      assertThat(client.expectError("big").code()).isEqualTo("too_large");

      client.send("{\"type\":\"subscribe\",\"id\":\"c\",\"channel\":\"" + "c".repeat(201) + "\"}");
      assertThat(client.expectError("c").code()).isEqualTo("bad_request");

      client.subscribe("room.1");
      client.subscribe("room.2");
      client.send("{\"type\":\"subscribe\",\"id\":\"third\",\"channel\":\"room.3\"}");
      assertThat(client.expectError("third").code()).isEqualTo("limit_exceeded");
    }
  }

  @Test
  void request_thatCanDoesNotAllow_isForbidden() throws Exception {
    String limited =
        cluster
            .tokens()
            .of(
                "acme",
                "alice",
                Instant.now().plus(Duration.ofHours(1)),
                Map.of("subscribe", List.of("room.*"), "publish", List.of("room.1")));
    try (TestClient client = TestClient.connect(uri, limited)) {
      client.send("{\"type\":\"subscribe\",\"id\":\"a\",\"channel\":\"hall.1\"}");
      assertThat(client.expectError("a").code()).isEqualTo("forbidden");
      client.publish("b", "room.2", "1");
      assertThat(client.expectError("b").code()).isEqualTo("forbidden");
      client.send("{\"type\":\"presence\",\"id\":\"c\",\"channel\":\"room.1\"}");
      assertThat(client.expectError("c").code()).isEqualTo("forbidden");

      client.subscribe("room.1");
      client.publishAcked("d", "room.1", "1");
      assertThat(client.messages(1).getFirst().id()).isEqualTo("d");
    }
  }

  @Test
  void errors_tooMany_endTheConnectionWith1008() throws Exception {
    try (TestClient client = connectWhenThereIsRoom()) {
      for (int i = 0; i < MAX_ERRORS; i++) {
        client.send("nonsense");
      }
      assertThat(client.closeCode()).isEqualTo(1008);
    }
  }

  private static void assertRefusal(int status, String body, int expected, String code)
      throws Exception {
    assertThat(status).as(body).isEqualTo(expected);
    JsonNode json = new ObjectMapper().readTree(body);
    assertThat(json.path("code").asText()).isEqualTo(code);
    assertThat(json.path("message").asText()).isNotEmpty();
  }

  private static String base64(String text) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(UTF_8));
  }

  @Test
  void compressionThatIsOffered_isNotNegotiatedUnlessItIsTurnedOn() throws Exception {
    try (RawSocket raw = RawSocket.to(uri)) {
      Answer answer = raw.handshake("GET", "/ws", "Authorization: Bearer " + token, Deflate.OFFER);
      assertThat(answer.status()).isEqualTo(101);
      assertThat(answer.head()).doesNotContainIgnoringCase("Sec-WebSocket-Extensions");
      raw.sendDeflated("{\"type\":\"ping\"}");
      assertThat(raw.closeCode()).isEqualTo(1002);
    }
  }

  @Test
  void fragments_moreThanAreAllowed_endTheConnectionWith1008() throws Exception {
    byte[] begin = RawSocket.masked(RawSocket.TEXT, "{\"type\":".getBytes(UTF_8));
    byte[] more = RawSocket.masked(0, new byte[0]);
    byte[] end = RawSocket.masked(0x80, "\"ping\"}".getBytes(UTF_8));
    try (RawSocket raw = RawSocket.upgraded(uri, token)) {
      raw.text();
      for (byte[] frame : List.of(begin, more, end)) {
        raw.send(frame);
      }
      assertThat(raw.text()).contains("\"pong\"");
      for (byte[] frame : List.of(begin, more, more, end)) {
        raw.send(frame);
      }
      assertThat(raw.closeCode()).isEqualTo(1008);
    }
  }
}
