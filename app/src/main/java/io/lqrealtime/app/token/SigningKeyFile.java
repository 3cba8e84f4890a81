package io.lqrealtime.app.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.text.ParseException;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a private key: a JWK (RFC 7517), or PKCS #8 in PEM (RFC 7468). An RSA key of 2048 bits and
 * more signs with RS256, one on P-256 with ES256. No error holds anything of the key.
 */
public final class SigningKeyFile {
  private static final int MAX_BYTES = 64 * 1024;
  private static final int MIN_RSA_BITS = 2048;
  private static final Pattern PKCS8 =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

  private SigningKeyFile() {}

  /**
   * @throws IllegalArgumentException that says what is wrong with the file
   */
  public static SigningKey read(Path file) {
    String text = text(file);
    try {
      return text.strip().startsWith("{") ? ofJwk(text) : ofPem(text);
    } catch (JOSEException e) {
      throw new IllegalArgumentException(
          "the key can't sign: an RSA key, or one on the curve P-256, can", e);
    }
  }

  private static String text(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new IllegalArgumentException("the file is too large for a key");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("there is no file " + file, e);
    } catch (IOException e) {
      throw new IllegalArgumentException("the file " + file + " can't be read", e);
    }
  }

  private static SigningKey ofJwk(String text) throws JOSEException {
    JWK jwk;
    try {
      jwk = JWK.parse(text);
    } catch (ParseException | RuntimeException e) {
      throw new IllegalArgumentException("the file holds no JWK that can be read", e);
    }
    if (!jwk.isPrivate()) {
      throw new IllegalArgumentException("the key is public, and only a private one signs");
    }
    SigningKey key =
        switch (jwk) {
          case RSAKey rsa -> rsa(rsa.toRSAPrivateKey());
          case ECKey ec -> ec(ec.toECPrivateKey());
          default ->
              throw new IllegalArgumentException(
                  "the key is neither RSA nor EC; a secret for HS256 is given with --secret");
        };
    return Optional.ofNullable(jwk.getKeyID()).map(key::named).orElse(key);
  }

  private static SigningKey ofPem(String text) throws JOSEException {
    Matcher pem = PKCS8.matcher(text);
    if (!pem.find()) {
      throw new IllegalArgumentException(
          "the file holds neither a JWK nor a PEM block PRIVATE KEY; others, openssl pkcs8 -topk8"
              + " -nocrypt turns into one");
    }
    return switch (privateKey(pem.group(1))) {
      case RSAPrivateKey rsa -> rsa(rsa);
      case ECPrivateKey ec -> ec(ec);
      default -> throw new IllegalArgumentException("the key is neither RSA nor EC");
    };
  }

  private static PrivateKey privateKey(String base64) {
    byte[] der;
    try {
      der = Base64.getMimeDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("the PEM block can't be read", e);
    }
    for (String kind : new String[] {"RSA", "EC"}) {
      try {
        return KeyFactory.getInstance(kind).generatePrivate(new PKCS8EncodedKeySpec(der));
      } catch (InvalidKeySpecException e) {
        // It may be of the other kind.
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every JDK has RSA and EC", e);
      }
    }
    throw new IllegalArgumentException("the PEM block holds neither an RSA nor an EC key");
  }

  private static SigningKey rsa(RSAPrivateKey key) {
    int bits = key.getModulus().bitLength();
    if (bits < MIN_RSA_BITS) {
      throw new IllegalArgumentException(
          "the RSA key has " + bits + " bits, and needs " + MIN_RSA_BITS + " at least");
    }
    return new SigningKey(JWSAlgorithm.RS256, new RSASSASigner(key), Optional.empty());
  }

  private static SigningKey ec(ECPrivateKey key) throws JOSEException {
    if (!Curve.P_256.equals(Curve.forECParameterSpec(key.getParams()))) {
      throw new IllegalArgumentException("the EC key is not on the curve P-256");
    }
    return new SigningKey(JWSAlgorithm.ES256, new ECDSASigner(key), Optional.empty());
  }
}
