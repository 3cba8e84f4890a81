package io.lqrealtime.gateway.security.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JwksLocationTest {
  @Test
  void pathAndFileUrl_areFiles() {
    assertThat(JwksLocation.parse("/etc/lq/jwks.json"))
        .isEqualTo(new JwksLocation.File(Path.of("/etc/lq/jwks.json")));
    assertThat(JwksLocation.parse("keys/jwks.json"))
        .isEqualTo(new JwksLocation.File(Path.of("keys/jwks.json")));
    assertThat(JwksLocation.parse("file:/etc/lq/jwks.json"))
        .isEqualTo(new JwksLocation.File(Path.of("/etc/lq/jwks.json")));
    assertThat(JwksLocation.parse("FILE:///etc/lq/jwks.json"))
        .isEqualTo(new JwksLocation.File(Path.of("/etc/lq/jwks.json")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://id.example.com/.well-known/jwks.json",
        "HTTPS://id.example.com/jwks",
        "http://localhost:8080/jwks",
        "http://LOCALHOST/jwks",
        "http://127.0.0.1/jwks",
        "http://127.3.2.1:80/jwks",
        "http://[::1]:8080/jwks",
        "http://[0:0:0:0:0:0:0:1]/jwks"
      })
  void httpsAnywhere_andHttpOnTheLoopback_areUrls(String text) {
    assertThat(JwksLocation.parse(text)).isInstanceOf(JwksLocation.Url.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://id.example.com/jwks",
        "http://10.0.0.1/jwks",
        "http://127.0.0.1.example.com/jwks",
        "http://localhost.example.com/jwks",
        "http://[::2]/jwks",
        "http://[fe80::1]/jwks",
        "http://0.0.0.0/jwks"
      })
  void httpElsewhere_isRefused_andSaysWhatIsAllowed(String text) {
    assertThatThrownBy(() -> JwksLocation.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("http: is for loopback hosts only")
        .hasMessageContaining("use https:");
  }

  @ParameterizedTest
  @CsvSource({
    "ftp://example.com/jwks, must be a file",
    "jar:file:/a.jar!/jwks, must be a file",
    "https:///jwks, names no host",
    "https://my_host/jwks, names no host",
    "https://me:sesame@example.com/jwks, must not hold a user",
    "https://example.com/jwks#part, must not hold a fragment",
    "https://exa mple.com/jwks, is no valid URL",
    "file:jwks.json, must be file: and an absolute path",
    "file://other-host/jwks.json, must be file: and an absolute path",
  })
  void whatIsNoLocation_isRefused_withoutRepeatingIt(String text, String reason) {
    assertThatThrownBy(() -> JwksLocation.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(reason)
        .hasMessageNotContaining("sesame")
        .hasMessageNotContaining("jwks");
  }

  @Test
  void log_showsAUrlWithoutItsQuery() {
    assertThat(JwksLocation.parse("https://id.example.com:8443/jwks?key=secret"))
        .hasToString("https://id.example.com:8443/jwks");
    assertThat(JwksLocation.parse("/etc/jwks.json")).hasToString("/etc/jwks.json");
  }
}
