package io.lqrealtime.gateway.tls;

import io.lqrealtime.config.ConfigurationException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/**
 * A certificate with those that issued it, and its private key: read from two PEM files, and found
 * to belong together and not to be over. Immutable. Printing it shows no key.
 */
public final class ServerCertificate {
  private static final String CERTIFICATE_LABEL = "CERTIFICATE";
  private static final String KEY_LABEL = "PRIVATE KEY";

  static {
    // A client of TLS 1.2 could else have the server sign on and on over one connection. The JDK
    // reads it at a process's first handshake as a server.
    String renegotiation = "jdk.tls.rejectClientInitiatedRenegotiation";
    if (System.getProperty(renegotiation) == null) {
      System.setProperty(renegotiation, "true");
    }
  }

  private final List<X509Certificate> chain;
  private final PrivateKey key;

  private ServerCertificate(List<X509Certificate> chain, PrivateKey key) {
    this.chain = List.copyOf(chain);
    this.key = key;
  }

  /**
   * @throws ConfigurationException that names the setting whose file can't be used, and why
   */
  static ServerCertificate of(PemFile certificateFile, PemFile keyFile, Clock clock) {
    List<X509Certificate> chain = chain(certificateFile);
    X509Certificate leaf = chain.getFirst();
    if (leaf.getNotAfter().toInstant().isBefore(clock.instant())) {
      throw certificateFile.problem(
          "holds a certificate that expired at " + leaf.getNotAfter().toInstant());
    }
    String algorithm = leaf.getPublicKey().getAlgorithm();
    if (!algorithm.equals("RSA") && !algorithm.equals("EC")) {
      throw certificateFile.problem(
          "holds a certificate for a key that is neither RSA nor EC: " + algorithm);
    }
    PrivateKey key = key(keyFile, algorithm);
    if (!belongs(key, leaf)) {
      throw keyFile.problem("does not hold the key of the certificate in " + TlsConfig.CERTIFICATE);
    }
    return new ServerCertificate(chain, key);
  }

  private static List<X509Certificate> chain(PemFile file) {
    List<X509Certificate> chain = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (PemFile.Block block : file.blocks()) {
        if (block.label().equals(CERTIFICATE_LABEL)) {
          chain.add(
              (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block.der())));
        }
      }
    } catch (CertificateException e) {
      throw file.problem("holds a certificate that can't be read");
    }
    if (chain.isEmpty()) {
      throw file.problem("holds no certificate in PEM");
    }
    for (int i = 1; i < chain.size(); i++) {
      if (!chain
          .get(i - 1)
          .getIssuerX500Principal()
          .equals(chain.get(i).getSubjectX500Principal())) {
        throw file.problem(
            "is no chain: certificate " + (i + 1) + " is not of the issuer of the one before it");
      }
    }
    return chain;
  }

  private static PrivateKey key(PemFile file, String algorithm) {
    List<PemFile.Block> blocks = file.blocks();
    for (PemFile.Block block : blocks) {
      switch (block.label()) {
        case KEY_LABEL -> {
          return key(file, algorithm, block.der());
        }
        case "ENCRYPTED PRIVATE KEY" -> throw file.problem("holds an encrypted key");
        case "RSA PRIVATE KEY", "EC PRIVATE KEY" ->
            throw file.problem(
                "is not in PKCS #8: openssl pkcs8 -topk8 -nocrypt makes it so of this file");
        default -> {
          // EC PARAMETERS, say, or the certificate in the same file.
        }
      }
    }
    throw file.problem("holds no private key in PEM");
  }

  private static PrivateKey key(PemFile file, String algorithm, byte[] der) {
    try {
      return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
    } catch (InvalidKeySpecException e) {
      // Its cause may say something of the key.
      throw file.problem(
          "holds no "
              + algorithm
              + " key, which the certificate in "
              + TlsConfig.CERTIFICATE
              + " is for, or one that can't be read");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has RSA and EC", e);
    }
  }

  private static boolean belongs(PrivateKey key, X509Certificate certificate) {
    String algorithm = key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
    byte[] challenge = new byte[32];
    new SecureRandom().nextBytes(challenge);
    try {
      Signature signer = Signature.getInstance(algorithm);
      signer.initSign(key);
      signer.update(challenge);
      byte[] signature = signer.sign();
      Signature verifier = Signature.getInstance(algorithm);
      verifier.initVerify(certificate.getPublicKey());
      verifier.update(challenge);
      return verifier.verify(signature);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** When the certificate expires: the first of the chain to do so. */
  public Instant expiry() {
    return chain.stream()
        .map(certificate -> certificate.getNotAfter().toInstant())
        .min(Instant::compareTo)
        .orElseThrow();
  }

  /**
   * For servers. Each has session tickets of its own: a session that began under another
   * certificate is not resumed under this one.
   */
  public SSLContext context() {
    try {
      char[] password = new char[0];
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, password);
      store.setKeyEntry("server", key, password, chain.toArray(X509Certificate[]::new));
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, password);
      SSLContext context = SSLContext.getInstance("TLS");
      // No client is asked for a certificate, so none is trusted.
      context.init(keys.getKeyManagers(), new TrustManager[0], null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("a TLS context could not be made", e);
    }
  }

  @Override
  public String toString() {
    X509Certificate leaf = chain.getFirst();
    return leaf.getSubjectX500Principal()
        + ", serial "
        + HexFormat.of().formatHex(leaf.getSerialNumber().toByteArray())
        + ", until "
        + leaf.getNotAfter().toInstant();
  }
}
