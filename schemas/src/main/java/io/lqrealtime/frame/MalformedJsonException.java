package io.lqrealtime.frame;

/** Where and how a text departs from RFC 8259, in words for its sender. Cheap: no stack trace. */
final class MalformedJsonException extends Exception {
  private static final long serialVersionUID = 1L;

  MalformedJsonException(String problem, int position) {
    super(problem + " at byte " + position, null, false, false);
  }
}
