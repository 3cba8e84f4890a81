package io.lqrealtime.gateway.websocket;

/**
 * A call of a {@link FrameHandler}, with copies of what it was given. Bytes of pings and pongs are
 * Latin-1.
 */
sealed interface Event {

  record Text(String text) implements Event {}

  record Ping(String payload) implements Event {}

  record Pong(String payload) implements Event {}

  record Close(int code, String reason) implements Event {}

  record Violated(Violation violation) implements Event {}
}
