package io.lqrealtime.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A certificate for servers on the loopback that signs itself, made by this JDK's keytool; and its
 * key. Nobody trusts it who was not told to: for trying and testing TLS.
 *
 * @param certificateFile PEM
 * @param keyFile PEM, PKCS #8
 */
public record SelfSignedCertificate(
    X509Certificate certificate, Path certificateFile, Path keyFile) {
  private static final String PASSWORD = "password";
  private static final String ALIAS = "server";
  private static final Duration KEYTOOL_WITHIN = Duration.ofSeconds(60);

  /** What the key is of. */
  public enum Algorithm {
    RSA("-keysize", "2048"),
    EC("-groupname", "secp256r1");

    private final String option;
    private final String value;

    Algorithm(String option, String value) {
      this.option = option;
      this.value = value;
    }
  }

  /**
   * @param name of the subject, and of the files in the directory
   */
  public static SelfSignedCertificate make(
      Path directory, String name, Algorithm algorithm, int daysValid)
      throws IOException, InterruptedException, GeneralSecurityException {
    Path store = directory.resolve(name + ".p12");
    Path output = directory.resolve(name + ".log");
    Process process =
        new ProcessBuilder(keytool(store, name, algorithm, daysValid))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    if (!process.waitFor(KEYTOOL_WITHIN.toSeconds(), TimeUnit.SECONDS)
        || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IOException("keytool made no certificate: " + Files.readString(output));
    }
    KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
    X509Certificate certificate = (X509Certificate) keys.getCertificate(ALIAS);
    byte[] key = keys.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded();
    return new SelfSignedCertificate(
        certificate,
        Files.writeString(
            directory.resolve(name + ".crt"), pem("CERTIFICATE", certificate.getEncoded())),
        Files.writeString(directory.resolve(name + ".key"), pem("PRIVATE KEY", key)));
  }

  /** One with a key on an elliptic curve, valid for some days. */
  public static SelfSignedCertificate make(Path directory, String name)
      throws IOException, InterruptedException, GeneralSecurityException {
    return make(directory, name, Algorithm.EC, 10);
  }

  private static List<String> keytool(Path store, String name, Algorithm algorithm, int daysValid) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.add("-genkeypair");
    command.addAll(List.of("-keystore", store.toString(), "-storepass", PASSWORD));
    command.addAll(List.of("-alias", ALIAS, "-dname", "CN=" + name));
    command.addAll(List.of("-ext", "san=dns:localhost,ip:127.0.0.1"));
    command.addAll(List.of("-validity", Integer.toString(daysValid)));
    command.addAll(List.of("-keyalg", algorithm.name()));
    command.add(algorithm.option);
    command.add(algorithm.value);
    return command;
  }

  /** A block of RFC 7468. */
  public static String pem(String label, byte[] der) {
    String base64 =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(der);
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(label, base64, label);
  }

  /** Puts both into the place of another pair. */
  public void replace(SelfSignedCertificate other) throws IOException {
    Files.copy(certificateFile, other.certificateFile, StandardCopyOption.REPLACE_EXISTING);
    Files.copy(keyFile, other.keyFile, StandardCopyOption.REPLACE_EXISTING);
  }

  /** For a server that shows this certificate. */
  public SSLContext serving() throws IOException, GeneralSecurityException {
    String pem = Files.readString(keyFile);
    byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
    PrivateKey key =
        KeyFactory.getInstance(certificate.getPublicKey().getAlgorithm())
            .generatePrivate(new PKCS8EncodedKeySpec(der));
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(ALIAS, key, PASSWORD.toCharArray(), new Certificate[] {certificate});
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  /** For a client that trusts these certificates alone. */
  public static SSLContext trusting(SelfSignedCertificate... trusted)
      throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    for (SelfSignedCertificate one : trusted) {
      store.setCertificateEntry(one.certificateFile.toString(), one.certificate);
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }
}
