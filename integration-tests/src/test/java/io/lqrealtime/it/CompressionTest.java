package io.lqrealtime.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lqrealtime.it.fixture.Await;
import io.lqrealtime.it.fixture.Cluster;
import io.lqrealtime.it.fixture.Cluster.Node;
import io.lqrealtime.it.fixture.Deflate;
import io.lqrealtime.it.fixture.Frame;
import io.lqrealtime.it.fixture.RawSocket;
import io.lqrealtime.it.fixture.RawSocket.Answer;
import io.lqrealtime.it.fixture.RawSocket.Text;
import io.lqrealtime.it.fixture.TestClient;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * permessage-deflate, where the operator turned it on: for clients that offer it, and no others.
 */
class CompressionTest {
  private static final int MIN_BYTES = 300;
  private static final String SHORT = "[1, 2.50,\"\\u00e9\"]";
  private static final String LONG = "[" + "{\"text\": \"€ and 1.50\"},".repeat(50) + "null]";

  private final ObjectMapper json = new ObjectMapper();

  private static Cluster cluster;
  private static Node gateway;
  private static String token;

  @BeforeAll
  static void start() throws Exception {
    cluster =
        Cluster.start(Map.of("WS_COMPRESSION", "true", "WS_COMPRESSION_MIN_BYTES", "" + MIN_BYTES))
            .withRouterHere(1);
    gateway = cluster.gateway(0);
    token = cluster.tokens().of("acme", "alice");
  }

  @AfterAll
  static void end() throws Exception {
    cluster.close();
  }

  @Test
  void whatIsAgreedTo_isThatEachMessageIsDeflatedByItself() throws Exception {
    try (RawSocket raw = RawSocket.to(gateway.uri())) {
      Answer answer = handshake(raw, Deflate.OFFER);

      assertThat(answer.status()).isEqualTo(101);
      assertThat(answer.head())
          .contains(
              "\r\nSec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover;"
                  + " client_no_context_takeover\r\n");
    }
  }

  @Test
  void offerThatCannotBeKept_isDeclined_andTheClientIsServedWithout() throws Exception {
    try (RawSocket raw = RawSocket.to(gateway.uri())) {
      Answer answer =
          handshake(raw, "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9");

      assertThat(answer.status()).isEqualTo(101);
      assertThat(answer.head()).doesNotContain("Sec-WebSocket-Extensions");
      assertThat(raw.nextText().deflated()).isFalse();
    }
  }

  @Test
  void headerThatIsNoListOfExtensions_isABadRequest() throws Exception {
    try (RawSocket raw = RawSocket.to(gateway.uri())) {
      Answer answer = handshake(raw, "Sec-WebSocket-Extensions: permessage-deflate; =");

      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.body()).contains("\"bad_request\"", "Sec-WebSocket-Extensions");
    }
  }

  @Test
  void messages_areTheSameForAll_andLongOnesCompressedForThoseThatNegotiatedIt() throws Exception {
    double plainBefore = bytes("plain");
    double wireBefore = bytes("wire");
    try (RawSocket deflating = RawSocket.deflating(gateway.uri(), token);
        RawSocket other = RawSocket.deflating(gateway.uri(), token);
        TestClient plain = TestClient.connect(gateway.uri(), token)) {
      plain.subscribe("room.all");
      for (RawSocket raw : List.of(deflating, other)) {
        raw.text();
        raw.sendDeflated("{\"type\":\"subscribe\",\"channel\":\"room.all\"}");
        assertThat(raw.text()).contains("\"subscribed\"");
      }

      deflating.sendDeflated(publish("d1", LONG));
      deflating.sendDeflated(publish("d2", SHORT));
      // Whoever negotiated it may still send a text as it is.
      other.sendFrame(RawSocket.TEXT, publish("p1", LONG).getBytes(UTF_8));
      plain.publishAcked("p2", "room.all", LONG);

      for (Frame message : plain.messages(4)) {
        assertThat(message.text()).contains("\"payload\":" + payloadOf(message.id()) + "}");
      }
      for (RawSocket raw : List.of(deflating, other)) {
        for (int i = 0; i < 4; i++) {
          Text text = nextMessage(raw);
          String payload = payloadOf(json.readTree(text.text()).path("id").asText());
          assertThat(text.text()).contains("\"payload\":" + payload + "}");
          assertThat(text.deflated()).isEqualTo(payload.length() >= MIN_BYTES);
        }
      }
    }
    double plainBytes = bytes("plain") - plainBefore;
    assertThat(plainBytes).isGreaterThan(6.0 * LONG.length());
    assertThat(bytes("wire") - wireBefore).isLessThan(plainBytes / 3);
  }

  @Test
  void historyAndCatchUp_areCompressedToo() throws Exception {
    try (TestClient plain = TestClient.connect(gateway.uri(), token);
        RawSocket raw = RawSocket.deflating(gateway.uri(), token)) {
      for (int i = 0; i < 20; i++) {
        plain.publishOnce("room.past", LONG);
      }
      raw.text();
      raw.sendDeflated("{\"type\":\"history\",\"id\":\"h\",\"channel\":\"room.past\"}");
      Text page = raw.nextText();
      JsonNode messages = json.readTree(page.text()).path("payload").path("messages");
      assertThat(messages).hasSize(20);
      assertThat(page.deflated()).isTrue();

      raw.sendDeflated("{\"type\":\"subscribe\",\"channel\":\"room.past\",\"since\":\"earliest\"}");
      for (int i = 0; i < 20; i++) {
        Text message = nextMessage(raw);
        assertThat(message.text()).contains("\"payload\":" + LONG + "}");
        assertThat(message.deflated()).isTrue();
        assertThat(json.readTree(message.text()).path("position"))
            .isEqualTo(messages.get(i).path("position"));
      }
      Await.until("it is live", Await.PATIENCE, () -> raw.text().contains("\"live\""));
    }
  }

  private static Answer handshake(RawSocket raw, String offer) throws IOException {
    return raw.handshake("GET", "/ws", "Authorization: Bearer " + token, offer);
  }

  private static String publish(String id, String payload) {
    return "{\"type\":\"publish\",\"id\":\"%s\",\"channel\":\"room.all\",\"payload\":%s}"
        .formatted(id, payload);
  }

  private static String payloadOf(String id) {
    return id.equals("d2") ? SHORT : LONG;
  }

  private static Text nextMessage(RawSocket raw) throws IOException {
    while (true) {
      Text text = raw.nextText();
      if (text.text().startsWith("{\"type\":\"message\"")) {
        return text;
      }
    }
  }

  private static double bytes(String form) throws IOException, InterruptedException {
    return gateway.metric("lq_compression_bytes_total", "form=\"" + form + "\"");
  }
}
