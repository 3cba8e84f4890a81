package io.lqrealtime.gateway.security.keys;

import java.io.IOException;
import java.time.Duration;

/** The port for a JWK Set's text. */
interface JwksSource {
  /** Longer documents are refused. */
  int MAX_BYTES = 256 * 1024;

  /**
   * The whole document as it is now. Blocks, for no longer than the time given.
   *
   * @throws IOException whose message is fit for a log
   */
  byte[] read(Duration within) throws IOException, InterruptedException;
}
