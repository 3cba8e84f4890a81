package io.lqrealtime.bench.client;

import java.io.IOException;

/** A connection that did not come about, for callers that wait for it. */
public final class HandshakeException extends IOException {

  private final transient Ending ending;

  HandshakeException(Ending ending) {
    super(ending.toString());
    this.ending = ending;
  }

  /** Why: {@link Ending.Refused} has the HTTP status and body. */
  public Ending ending() {
    return ending;
  }

  /** The HTTP status of a refusal; 0 where the server was not reached. */
  public int status() {
    return ending instanceof Ending.Refused refused ? refused.response().status() : 0;
  }

  /** The body of a refusal; empty where the server was not reached. */
  public String body() {
    return ending instanceof Ending.Refused refused ? refused.response().body() : "";
  }
}
