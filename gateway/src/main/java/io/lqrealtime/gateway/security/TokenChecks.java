package io.lqrealtime.gateway.security;

import java.util.Optional;
import java.util.function.Consumer;

/** Verifies tokens without holding up who asks: a signature may take a millisecond and more. */
@FunctionalInterface
public interface TokenChecks {
  /**
   * Verifies a token. Never blocks.
   *
   * @param asker for whom; askers take turns
   * @param answer called once, here or on another thread, and must not block; empty if the token
   *     was not looked at, since too many are waiting
   */
  void verify(Asker asker, String token, Consumer<Optional<TokenVerifier.Outcome>> answer);
}
