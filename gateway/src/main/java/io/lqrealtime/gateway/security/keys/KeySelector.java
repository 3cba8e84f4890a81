package io.lqrealtime.gateway.security.keys;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import java.util.List;
import java.util.Optional;

/**
 * The port for keys: which ones may verify a token with this algorithm and key id. Each of them is
 * of this very algorithm, and there are only a few, since a verification takes time. Never blocks;
 * safe for several threads.
 */
@FunctionalInterface
public interface KeySelector {
  List<JWSVerifier> select(JWSAlgorithm algorithm, Optional<String> keyId);
}
