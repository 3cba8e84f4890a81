package io.lqrealtime.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.OctetSequenceKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.SignedJWT;
import io.lqrealtime.gateway.security.AuthConfig;
import io.lqrealtime.gateway.security.ClaimRules;
import io.lqrealtime.gateway.security.JwtTokenVerifier;
import io.lqrealtime.gateway.security.TokenKeys;
import io.lqrealtime.gateway.security.TokenVerifier;
import io.lqrealtime.gateway.security.keys.JwksLocation;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What {@code lq token} prints is what a gateway takes. */
class TokenCommandTest {
  private static final String SECRET = "a-secret-of-more-than-32-bytes-for-tests";

  @TempDir private static Path directory;

  private record Outcome(int status, String out, String err) {}

  private static Outcome token(String... options) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> all = new ArrayList<>(List.of("--tenant", "acme", "--user", "alice"));
    all.addAll(List.of(options));
    int status =
        new CommandLine(new TokenCommand())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(all.toArray(String[]::new));
    return new Outcome(status, out.toString().strip(), err.toString());
  }

  private static SignedJWT signed(String... options) throws Exception {
    Outcome outcome = token(options);
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.status()).isZero();
    assertThat(outcome.out()).doesNotContain("\n", " ");
    return SignedJWT.parse(outcome.out());
  }

  private static String file(String name, String content) throws Exception {
    return Files.writeString(directory.resolve(name), content).toString();
  }

  private static String pem(String label, byte[] der) {
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n";
  }

  private static String pkcs8(PrivateKey key) {
    return pem("PRIVATE KEY", key.getEncoded());
  }

  private static TokenVerifier.Outcome judged(JWK key, SignedJWT token) throws Exception {
    Path set =
        Files.writeString(
            directory.resolve("set.json"), "{\"keys\":[" + key.toPublicJWK().toJSONString() + "]}");
    AuthConfig config =
        new AuthConfig(
            Optional.empty(),
            Optional.of(new JwksLocation.File(set)),
            Duration.ofMinutes(5),
            new ClaimRules(List.of("https://id.example.com"), List.of("lq"), Duration.ZERO),
            1);
    try (TokenKeys keys =
        TokenKeys.open(config, Duration.ofSeconds(10), new SimpleMeterRegistry())) {
      return new JwtTokenVerifier(keys, config.claims(), Clock.systemUTC())
          .verify(token.serialize());
    }
  }

  @Test
  void ecKeyAsJwk_signsEs256UnderItsName_andAGatewayTakesIt() throws Exception {
    ECKey key = new ECKeyGenerator(Curve.P_256).keyID("2026-11").generate();
    String file = file("ec.jwk", key.toJSONString());
    SignedJWT token =
        signed("--key", file, "--issuer", "https://id.example.com", "--audience", "lq");

    assertThat(token.getHeader().getAlgorithm()).isEqualTo(JWSAlgorithm.ES256);
    assertThat(token.getHeader().getKeyID()).isEqualTo("2026-11");
    assertThat(judged(key, token)).isInstanceOf(TokenVerifier.Outcome.Accepted.class);
    assertThat(judged(key, signed("--key", file)))
        .isInstanceOf(TokenVerifier.Outcome.Refused.class);
  }

  @Test
  void rsaKeyAsPem_signsRs256_underTheNameThatIsGiven() throws Exception {
    RSAKey key = new RSAKeyGenerator(2048).keyID("rsa-1").generate();
    String file = file("rsa.pem", pkcs8(key.toPrivateKey()));
    SignedJWT token =
        signed(
            "--key",
            file,
            "--kid",
            "rsa-1",
            "--issuer",
            "https://id.example.com",
            "--audience",
            "other",
            "--audience",
            "lq");

    assertThat(token.getHeader().getAlgorithm()).isEqualTo(JWSAlgorithm.RS256);
    assertThat(token.getHeader().getKeyID()).isEqualTo("rsa-1");
    assertThat(token.getJWTClaimsSet().getAudience()).containsExactly("other", "lq");
    assertThat(judged(key, token)).isInstanceOf(TokenVerifier.Outcome.Accepted.class);
    assertThat(signed("--key", file).getHeader().getKeyID()).isNull();
  }

  @Test
  void ecKeyAsPem_andRsaKeyAsJwk_signToo() throws Exception {
    ECKey ec = new ECKeyGenerator(Curve.P_256).generate();
    RSAKey rsa = new RSAKeyGenerator(2048).generate();

    assertThat(signed("--key", file("ec.pem", pkcs8(ec.toPrivateKey()))).getHeader().getAlgorithm())
        .isEqualTo(JWSAlgorithm.ES256);
    assertThat(signed("--key", file("rsa.jwk", rsa.toJSONString())).getHeader().getAlgorithm())
        .isEqualTo(JWSAlgorithm.RS256);
  }

  @Test
  void secret_signsHs256() throws Exception {
    SignedJWT token = signed("--secret", SECRET, "--kid", "shared", "--issuer", "me");
    assertThat(token.getHeader().getAlgorithm()).isEqualTo(JWSAlgorithm.HS256);
    assertThat(token.getHeader().getKeyID()).isEqualTo("shared");
    assertThat(token.getJWTClaimsSet().getIssuer()).isEqualTo("me");
    assertThat(signed("--secret", SECRET).getHeader().getKeyID()).isNull();
  }

  @Test
  void keyThatCantSign_isRefused_andNotShown() throws Exception {
    RSAKey rsa = new RSAKeyGenerator(2048).generate();
    RSAKey weak = new RSAKeyGenerator(1024, true).generate();
    ECKey p384 = new ECKeyGenerator(Curve.P_384).generate();
    JWK secret = new OctetSequenceKeyGenerator(256).generate();
    byte[] der = rsa.toPrivateKey().getEncoded();

    assertRefused(weak.toJSONString(), "has 1024 bits");
    assertRefused(pkcs8(weak.toPrivateKey()), "has 1024 bits");
    assertRefused(p384.toJSONString(), "not on the curve P-256");
    assertRefused(pkcs8(p384.toPrivateKey()), "not on the curve P-256");
    assertRefused(rsa.toPublicJWK().toJSONString(), "public");
    assertRefused(secret.toJSONString(), "--secret");
    assertRefused(pem("RSA PRIVATE KEY", der), "openssl pkcs8 -topk8 -nocrypt");
    assertRefused(pem("ENCRYPTED PRIVATE KEY", der), "openssl pkcs8 -topk8 -nocrypt");
    assertRefused(
        pem("PRIVATE KEY", "nonsense".getBytes(StandardCharsets.UTF_8)), "neither an RSA nor");
    assertRefused("{\"kty\":\"RSA\"", "no JWK that can be read");
    assertRefused("", "neither a JWK nor a PEM block");
    assertRefused("x".repeat(70_000), "too large");
  }

  private static void assertRefused(String content, String reason) throws Exception {
    Outcome outcome = token("--key", file("bad", content));
    assertThat(outcome.status()).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err().lines().findFirst().orElse("")).startsWith("--key: ").contains(reason);
    content
        .lines()
        .filter(line -> line.length() > 20)
        .forEach(line -> assertThat(outcome.err()).doesNotContain(line));
  }

  @Test
  void missingFile_andTwoKeys_areRefused() throws Exception {
    assertThat(token("--key", "/nowhere/key.pem").err()).contains("there is no file /nowhere");
    String file = file("ec2.jwk", new ECKeyGenerator(Curve.P_256).generate().toJSONString());
    assertThat(token("--key", file, "--secret", SECRET).err())
        .contains("signed with one of them")
        .doesNotContain(SECRET);
  }
}
