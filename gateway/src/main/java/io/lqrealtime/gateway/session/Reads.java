package io.lqrealtime.gateway.session;

/** Whether the client is read from: not while there is any reason against it. */
final class Reads {
  private final ClientLink link;
  private int reasons;

  Reads(ClientLink link) {
    this.link = link;
  }

  /** One more reason; each has to be given up once. */
  void hold() {
    if (reasons++ == 0) {
      link.pauseReads();
    }
  }

  void release() {
    if (--reasons == 0) {
      link.resumeReads();
    }
  }
}
