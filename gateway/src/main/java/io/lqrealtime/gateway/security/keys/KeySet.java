package io.lqrealtime.gateway.security.keys;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Some keys, as they were at one moment; immutable. A token that names a key is for that one alone;
 * one that names none may be of any key of its algorithm, of which the first {@value
 * #MAX_UNNAMED_TRIES} are tried.
 */
final class KeySet implements KeySelector {
  static final int MAX_UNNAMED_TRIES = 4;
  private static final int MAX_LISTED = 10;

  private record Name(JWSAlgorithm algorithm, String id) {}

  private final List<TokenKey> keys;
  private final Map<Name, List<JWSVerifier>> named = new HashMap<>();
  private final Set<String> ids = new HashSet<>();
  private final Map<JWSAlgorithm, List<JWSVerifier>> first = new HashMap<>();

  /**
   * @param keys no two of one algorithm with the same id
   */
  KeySet(List<TokenKey> keys) {
    this.keys = List.copyOf(keys);
    for (TokenKey key : this.keys) {
      key.id().ifPresent(id -> named.put(new Name(key.algorithm(), id), List.of(key.verifier())));
      key.id().ifPresent(ids::add);
    }
    Map<JWSAlgorithm, List<JWSVerifier>> all = new HashMap<>();
    for (TokenKey key : this.keys) {
      all.computeIfAbsent(key.algorithm(), _ -> new ArrayList<>()).add(key.verifier());
    }
    all.forEach(
        (algorithm, verifiers) ->
            first.put(algorithm, verifiers.stream().limit(MAX_UNNAMED_TRIES).toList()));
  }

  @Override
  public List<JWSVerifier> select(JWSAlgorithm algorithm, Optional<String> keyId) {
    return keyId
        .map(id -> named.getOrDefault(new Name(algorithm, id), List.of()))
        .orElseGet(() -> first.getOrDefault(algorithm, List.of()));
  }

  boolean hasName(String keyId) {
    return ids.contains(keyId);
  }

  int size() {
    return keys.size();
  }

  /** How many there are, of which algorithms, under which names; nothing of the keys. */
  @Override
  public String toString() {
    String listed =
        keys.stream().limit(MAX_LISTED).map(TokenKey::toString).collect(Collectors.joining(", "));
    String more = keys.size() > MAX_LISTED ? ", …" : "";
    return keys.size() + (keys.size() == 1 ? " key (" : " keys (") + listed + more + ")";
  }
}
