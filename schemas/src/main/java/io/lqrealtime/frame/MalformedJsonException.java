package io.lqrealtime.frame;

/** How a text departs from RFC 8259, in words for its sender. Cheap: no stack trace. */
final class MalformedJsonException extends Exception {
  private static final long serialVersionUID = 1L;

  MalformedJsonException(String problem) {
    super(problem, null, false, false);
  }
}
