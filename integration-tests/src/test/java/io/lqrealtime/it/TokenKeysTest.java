package io.lqrealtime.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lqrealtime.bench.client.HandshakeException;
import io.lqrealtime.gateway.Gateway;
import io.lqrealtime.it.fixture.Await;
import io.lqrealtime.it.fixture.Cluster;
import io.lqrealtime.it.fixture.Es256;
import io.lqrealtime.it.fixture.Frame;
import io.lqrealtime.it.fixture.TestClient;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway whose keys are in a file, which is replaced while it runs. */
class TokenKeysTest {
  private static final Es256 OLD = Es256.generate("old");
  private static final Es256 NEW = Es256.generate("new");

  @TempDir private static Path directory;
  private static Cluster cluster;
  private static Path jwks;
  private static URI uri;

  @BeforeAll
  static void start() throws Exception {
    cluster = Cluster.start();
    cluster.routerHere();
    jwks = Files.writeString(directory.resolve("jwks.json"), Es256.set(OLD));
    Gateway gateway =
        cluster.gatewayHere(
            Map.of(
                "LQ_AUTH_HS256_SECRET", "",
                "LQ_AUTH_JWKS", jwks.toString(),
                "LQ_AUTH_ISSUER", "https://id.example.com",
                "LQ_AUTH_AUDIENCE", "lq"));
    uri = URI.create("ws://127.0.0.1:" + gateway.address().getPort() + "/ws");
  }

  @AfterAll
  static void end() throws Exception {
    cluster.close();
  }

  private static boolean isAccepted(String token) throws HandshakeException {
    try (TestClient client = TestClient.connect(uri, token)) {
      return client.welcome().payload().path("user").asText().equals("alice");
    } catch (HandshakeException e) {
      if (e.status() == 401) {
        return false;
      }
      throw e;
    }
  }

  private static void assertRefused(String token) throws Exception {
    HandshakeException refused =
        catchThrowableOfType(HandshakeException.class, () -> TestClient.connect(uri, token));
    assertThat(refused).isNotNull();
    assertThat(refused.status()).isEqualTo(401);
    JsonNode body = new ObjectMapper().readTree(refused.body());
    assertThat(body.path("code").asText()).isEqualTo("unauthorized");
    assertThat(body.path("message").asText()).isNotBlank();
    assertThat(refused.body()).doesNotContain(token);
  }

  @Test
  void fileThatIsReplaced_hasTheNewKeyAcceptedAndTheOldRefused_onTheLiveGateway() throws Exception {
    Instant expires = Instant.now().plusSeconds(3600);
    String old = OLD.token("alice", expires);
    String fresh = NEW.token("alice", expires.plusSeconds(60));
    assertRefused(fresh);
    assertRefused(cluster.tokens().of("acme", "alice"));
    assertRefused(NEW.named("old").token("alice", expires));
    assertRefused(OLD.token("alice", expires, "https://other.example.com", List.of("lq")));
    assertRefused(OLD.token("alice", expires, "https://id.example.com", List.of("billing")));

    try (TestClient client = TestClient.connect(uri, old)) {
      client.subscribe("room.1");
      Path next = Files.writeString(directory.resolve("next.json"), Es256.set(NEW));
      Files.move(next, jwks, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
      Await.until("the new key is known", Await.PATIENCE, () -> isAccepted(fresh));

      assertRefused(old);
      assertThat(client.isOpen()).as("who is connected stays so").isTrue();
      String position = client.publishOnce("room.1", "1").position();
      assertThat(client.messages(1)).extracting(Frame::position).containsExactly(position);
      client.send("{\"type\":\"refresh\",\"id\":\"r\",\"payload\":{\"token\":\"" + fresh + "\"}}");
      assertThat(client.expectAnswer("refreshed", "r").payload().path("exp").asLong())
          .isEqualTo(expires.plusSeconds(60).getEpochSecond());
    }
  }
}
