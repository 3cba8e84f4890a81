package io.lqrealtime.gateway.security.keys;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads a JWK Set (RFC 7517, section 5). Keys that can't be used are left out, each with a reason;
 * a set without a usable key, or of more than {@value #MAX_KEYS}, is no good. No reason holds
 * anything of a key but its {@code kid}.
 */
final class JwkSetReader {
  static final int MAX_KEYS = 100;
  private static final int MAX_REASONS = 10;

  private final JwkReader keys;

  /** What came of a document. */
  sealed interface Result {
    /**
     * @param skipped the keys that can't be used, and why, in words; empty if all can
     */
    record Usable(KeySet keys, Optional<String> skipped) implements Result {}

    record Unusable(String reason) implements Result {}
  }

  private record Name(JWSAlgorithm algorithm, String id) {}

  JwkSetReader(boolean secretsAllowed) {
    this.keys = new JwkReader(secretsAllowed);
  }

  Result read(byte[] document) {
    Object listed;
    try {
      listed = JSONObjectUtils.parse(new String(document, StandardCharsets.UTF_8)).get("keys");
    } catch (ParseException | RuntimeException e) {
      // The message may quote the document.
      return new Result.Unusable("it is no JSON object");
    }
    if (!(listed instanceof List<?> entries)) {
      return new Result.Unusable("it is no JWK Set: there is no list \"keys\"");
    }
    if (entries.isEmpty()) {
      return new Result.Unusable("it lists no key");
    }
    if (entries.size() > MAX_KEYS) {
      return new Result.Unusable(
          "it lists " + entries.size() + " keys, and " + MAX_KEYS + " are allowed");
    }
    return read(entries);
  }

  private Result read(List<?> entries) {
    List<TokenKey> usable = new ArrayList<>();
    List<String> skipped = new ArrayList<>();
    Set<Name> names = new HashSet<>();
    for (int i = 0; i < entries.size(); i++) {
      Map<String, Object> json = members(entries.get(i));
      switch (keys.read(json)) {
        case JwkReader.Result.Usable(TokenKey key) -> {
          if (key.id().isPresent() && !names.add(new Name(key.algorithm(), key.id().get()))) {
            skipped.add(label(i, json) + " has the kid of a key before it");
          } else {
            usable.add(key);
          }
        }
        case JwkReader.Result.Unusable(String reason) -> skipped.add(label(i, json) + " " + reason);
      }
    }
    if (usable.isEmpty()) {
      return new Result.Unusable("none of its keys can be used: " + inWords(skipped));
    }
    return new Result.Usable(
        new KeySet(usable), skipped.isEmpty() ? Optional.empty() : Optional.of(inWords(skipped)));
  }

  /** Empty for what is no object, which is no key either. */
  private static Map<String, Object> members(Object entry) {
    Map<String, Object> members = new HashMap<>();
    if (entry instanceof Map<?, ?> map) {
      map.forEach((name, value) -> members.put(String.valueOf(name), value));
    }
    return members;
  }

  private static String label(int index, Map<String, Object> json) {
    Optional<String> name =
        json.get("kid") instanceof String kid ? KeyName.printable(kid) : Optional.empty();
    return "key " + (index + 1) + name.map(kid -> " (kid " + kid + ")").orElse("");
  }

  private static String inWords(List<String> reasons) {
    String listed = String.join("; ", reasons.subList(0, Math.min(MAX_REASONS, reasons.size())));
    int more = reasons.size() - MAX_REASONS;
    return more > 0 ? listed + "; and " + more + " more" : listed;
  }
}
