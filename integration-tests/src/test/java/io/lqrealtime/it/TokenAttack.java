package io.lqrealtime.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A token that is to be refused, or one with a header that is to have no effect.
 *
 * @param good whether the connection is let in
 */
record TokenAttack(String name, String token, boolean good) {

  /**
   * What the gateway trusts, and what an attacker has of its own.
   *
   * @param rsa one key of the gateway's JWK Set; of both the attacker knows the public part
   * @param ec another one
   * @param foreign the attacker's own
   * @param elsewhere a URL where the attacker offers that one
   */
  record Keys(String secret, RSAKey rsa, ECKey ec, RSAKey foreign, String elsewhere) {}

  /** Long after this test. */
  private static final long LATER = 4_000_000_000L;

  private static final String CLAIMS = claims("\"tenant\":\"acme\",\"sub\":\"mallory\"");

  static List<TokenAttack> all(Keys keys) throws JOSEException, GeneralSecurityException {
    byte[] secret = keys.secret().getBytes(UTF_8);
    String rsaName = "\"kid\":\"" + keys.rsa().getKeyID() + "\"";
    String ecName = "\"kid\":\"" + keys.ec().getKeyID() + "\"";
    String good = hmac("HmacSHA256", "{\"alg\":\"HS256\"}", CLAIMS, secret);
    String publicKey = keys.rsa().toPublicJWK().toJSONString();
    byte[] der = keys.rsa().toPublicKey().getEncoded();
    String pem =
        "-----BEGIN PUBLIC KEY-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
            + "\n-----END PUBLIC KEY-----\n";
    PrivateKey own = keys.foreign().toPrivateKey();
    String there = "\"" + keys.elsewhere() + "\"";
    String ownKey = keys.foreign().toPublicJWK().toJSONString();
    return List.of(
        // Algorithms.
        refused("none", unsigned("{\"alg\":\"none\"}")),
        refused("None", unsigned("{\"alg\":\"None\"}")),
        refused("NONE", unsigned("{\"alg\":\"NONE\"}")),
        refused("none, with a signature", unsigned("{\"alg\":\"none\"}") + signatureOf(good)),
        refused("none of a key", unsigned("{\"alg\":\"none\"," + rsaName + "}")),
        refused("an empty signature", unsigned("{\"alg\":\"HS256\"}")),
        refused("no algorithm", hmac("HmacSHA256", "{}", CLAIMS, secret)),
        refused("no algorithm's name", hmac("HmacSHA256", "{\"alg\":7}", CLAIMS, secret)),
        refused("lower case", hmac("HmacSHA256", "{\"alg\":\"hs256\"}", CLAIMS, secret)),
        refused("HS384", hmac("HmacSHA384", "{\"alg\":\"HS384\"}", CLAIMS, secret)),
        refused("HS512", hmac("HmacSHA512", "{\"alg\":\"HS512\"}", CLAIMS, secret)),
        refused("RS256 by the secret", hmac("HmacSHA256", "{\"alg\":\"RS256\"}", CLAIMS, secret)),
        hs256ByPublicKey("PEM", rsaName, pem.getBytes(UTF_8)),
        hs256ByPublicKey("PEM without its last line's end", rsaName, pem.strip().getBytes(UTF_8)),
        hs256ByPublicKey("DER", rsaName, der),
        hs256ByPublicKey("JWK", rsaName, publicKey.getBytes(UTF_8)),
        hs256ByPublicKey("PEM, without a name", "\"x\":0", pem.getBytes(UTF_8)),
        hs256ByPublicKey("DER, without a name", "\"x\":0", der),
        refused(
            "ES256, a signature of zeros",
            signing("{\"alg\":\"ES256\"," + ecName + "}", CLAIMS) + "." + base64(new byte[64])),
        refused(
            "ES256 by name of the RSA key",
            signing("{\"alg\":\"ES256\"," + rsaName + "}", CLAIMS) + "." + base64(new byte[64])),
        refused("RS256 of a stranger", rs256("{\"alg\":\"RS256\"," + rsaName + "}", own)),

        // Keys that the token itself brings, or tells where to find.
        refused("jwk", rs256("{\"alg\":\"RS256\",\"jwk\":" + ownKey + "}", own)),
        refused("jku", rs256("{\"alg\":\"RS256\",\"jku\":" + there + "}", own)),
        refused("x5u", rs256("{\"alg\":\"RS256\",\"x5u\":" + there + "}", own)),
        refused("jku, kid", rs256("{\"alg\":\"RS256\",\"jku\":" + there + ",\"kid\":\"x\"}", own)),
        signedBut("jku", secret, "{\"alg\":\"HS256\",\"jku\":" + there + "}"),
        signedBut("x5u", secret, "{\"alg\":\"HS256\",\"x5u\":" + there + "}"),
        signedBut("jku that is no URI", secret, "{\"alg\":\"HS256\",\"jku\":7}"),
        signedBut("jwk", secret, "{\"alg\":\"HS256\",\"jwk\":" + ownKey + "}"),

        // A key's name is a name, and neither a path nor a query.
        kid("../../../../dev/null", new byte[1]),
        kid("/dev/null", new byte[1]),
        kid("x' UNION SELECT 'key' -- ", "key".getBytes(UTF_8)),
        kid("| sleep 10", new byte[1]),
        kid("${jndi:ldap://127.0.0.1/x}", new byte[1]),
        kid("\\u0000", new byte[1]),
        kid("k".repeat(10_000), new byte[1]),
        good("a name as a path", secret, "{\"alg\":\"HS256\",\"kid\":\"../../dev/null\"}"),
        good("a long name", secret, header("kid", "k".repeat(5_000))),

        // Extensions and types.
        header("crit", secret, "\"crit\":[\"exp\"]"),
        header("crit of b64", secret, "\"crit\":[\"b64\"],\"b64\":false"),
        header("crit, empty", secret, "\"crit\":[]"),
        header("another type", secret, "\"typ\":\"JOSE\""),
        header(
            "a header of 5,000 levels", secret, "\"x\":" + "[".repeat(5_000) + "]".repeat(5_000)),

        // Claims of a good signature.
        claims("expired", secret, "{\"tenant\":\"acme\",\"sub\":\"m\",\"exp\":1}"),
        claims("exp of zero", secret, "{\"tenant\":\"acme\",\"sub\":\"m\",\"exp\":0}"),
        claims("exp before the epoch", secret, "{\"tenant\":\"acme\",\"sub\":\"m\",\"exp\":-1}"),
        claims("no exp", secret, "{\"tenant\":\"acme\",\"sub\":\"m\"}"),
        claims("exp of null", secret, "{\"tenant\":\"acme\",\"sub\":\"m\",\"exp\":null}"),
        claims("exp as text", secret, "{\"tenant\":\"acme\",\"sub\":\"m\",\"exp\":\"soon\"}"),
        claims(
            "exp as list", secret, "{\"tenant\":\"acme\",\"sub\":\"m\",\"exp\":[" + LATER + "]}"),
        named("not yet valid", secret, "\"tenant\":\"acme\",\"sub\":\"m\",\"nbf\":" + LATER),
        named("no tenant", secret, "\"sub\":\"m\""),
        named("no user", secret, "\"tenant\":\"acme\""),
        named("an empty tenant", secret, "\"tenant\":\"\",\"sub\":\"m\""),
        named("a tenant with a companion's mark", secret, "\"tenant\":\"a!members\",\"sub\":\"m\""),
        named("a tenant with braces", secret, "\"tenant\":\"{gateways}\",\"sub\":\"m\""),
        named("a tenant with NUL", secret, "\"tenant\":\"acme\\u0000\",\"sub\":\"m\""),
        named("a tenant of 201", secret, "\"tenant\":\"" + "t".repeat(201) + "\",\"sub\":\"m\""),
        named("a tenant that is a number", secret, "\"tenant\":7,\"sub\":\"m\""),
        named("two tenants", secret, "\"tenant\":[\"acme\",\"globex\"],\"sub\":\"m\""),
        named("an empty user", secret, "\"tenant\":\"acme\",\"sub\":\"\""),
        named("a user with a line feed", secret, "\"tenant\":\"acme\",\"sub\":\"m\\nx\""),
        named("half a character as user", secret, "\"tenant\":\"acme\",\"sub\":\"\\ud800\""),
        named("can as text", secret, "\"tenant\":\"acme\",\"sub\":\"m\",\"can\":\"*\""),
        named("can as null", secret, "\"tenant\":\"acme\",\"sub\":\"m\",\"can\":null"),
        named(
            "can of a text",
            secret,
            "\"tenant\":\"acme\",\"sub\":\"m\",\"can\":{\"publish\":\"*\"}"),
        claims("no object", secret, "[\"acme\"]"),
        claims("no JSON", secret, "tenant=acme"),

        // Form.
        refused("two parts", signing("{\"alg\":\"HS256\"}", CLAIMS)),
        refused("four parts", good + ".x"),
        refused("five parts", good + ".x.x"),
        refused("dots", ".."),
        refused(
            "other claims, the old signature",
            signing("{\"alg\":\"HS256\"}", claims("\"tenant\":\"globex\",\"sub\":\"m\""))
                + "."
                + signatureOf(good)),
        refused("other base64", good.replace('.', '=')));
  }

  private static TokenAttack refused(String name, String token) {
    return new TokenAttack(name, token, false);
  }

  private static TokenAttack good(String name, byte[] secret, String header)
      throws GeneralSecurityException {
    return new TokenAttack(name, hmac("HmacSHA256", header, CLAIMS, secret), true);
  }

  /** With a signature that is right. */
  private static TokenAttack signedBut(String name, byte[] secret, String header)
      throws GeneralSecurityException {
    return refused(name + ", rightly signed", hmac("HmacSHA256", header, CLAIMS, secret));
  }

  private static TokenAttack hs256ByPublicKey(String form, String name, byte[] key)
      throws GeneralSecurityException {
    String header = "{\"alg\":\"HS256\"," + name + "}";
    return refused("HS256 by a public " + form, hmac("HmacSHA256", header, CLAIMS, key));
  }

  private static TokenAttack kid(String kid, byte[] key) throws GeneralSecurityException {
    return refused(
        "kid '" + kid.substring(0, Math.min(30, kid.length())) + "'",
        hmac("HmacSHA256", header("kid", kid), CLAIMS, key));
  }

  private static String header(String name, String value) {
    return "{\"alg\":\"HS256\",\"" + name + "\":\"" + value + "\"}";
  }

  private static TokenAttack header(String name, byte[] secret, String more)
      throws GeneralSecurityException {
    return refused(name, hmac("HmacSHA256", "{\"alg\":\"HS256\"," + more + "}", CLAIMS, secret));
  }

  private static TokenAttack claims(String name, byte[] secret, String claims)
      throws GeneralSecurityException {
    return refused(name, hmac("HmacSHA256", "{\"alg\":\"HS256\"}", claims, secret));
  }

  private static TokenAttack named(String name, byte[] secret, String claims)
      throws GeneralSecurityException {
    return claims(name, secret, claims(claims));
  }

  private static String claims(String some) {
    return "{" + some + ",\"exp\":" + LATER + "}";
  }

  private static String unsigned(String header) {
    return signing(header, CLAIMS) + ".";
  }

  private static String hmac(String algorithm, String header, String claims, byte[] key)
      throws GeneralSecurityException {
    Mac mac = Mac.getInstance(algorithm);
    mac.init(new SecretKeySpec(key, algorithm));
    String signing = signing(header, claims);
    return signing + "." + base64(mac.doFinal(signing.getBytes(UTF_8)));
  }

  private static String rs256(String header, PrivateKey key) throws GeneralSecurityException {
    Signature signature = Signature.getInstance("SHA256withRSA");
    signature.initSign(key);
    String signing = signing(header, CLAIMS);
    signature.update(signing.getBytes(UTF_8));
    return signing + "." + base64(signature.sign());
  }

  private static String signing(String header, String claims) {
    return base64(header.getBytes(UTF_8)) + "." + base64(claims.getBytes(UTF_8));
  }

  private static String signatureOf(String token) {
    return token.substring(token.lastIndexOf('.') + 1);
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  @Override
  public String toString() {
    return name;
  }
}
