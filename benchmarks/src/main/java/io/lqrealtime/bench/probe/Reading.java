package io.lqrealtime.bench.probe;

/** What a look at a process gave: the value, or why there is none. */
public sealed interface Reading<T> {

  record Got<T>(T value) implements Reading<T> {}

  record Missing<T>(String reason) implements Reading<T> {}
}
