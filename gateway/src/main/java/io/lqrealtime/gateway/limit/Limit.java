package io.lqrealtime.gateway.limit;

import java.util.Locale;

/** Every limit that can turn something of a client's away, by the name that its metric has. */
public enum Limit {
  /** Text frames a second of one connection. */
  CONNECTION_MESSAGES,
  /** Bytes of text frames a second of one connection. */
  CONNECTION_BYTES,
  /** Bytes of one message, however many frames it comes in. */
  FRAME_BYTES,
  /** Frames that one message comes in. */
  FRAGMENTS,
  /** Pings and pongs a second of one connection. */
  CONTROL_FRAMES,
  /** Time that one message may take to be whole. */
  MESSAGE_TIME,
  /** Memory for a tenant's messages that are not whole yet. */
  UNFINISHED_BYTES,
  /** Publishes of one connection that are not durable yet; past it the connection is not read. */
  UNACKED,
  /** Bytes of a tenant's publishes that are not durable yet. */
  TENANT_UNACKED,
  /** Channels that one connection subscribes to. */
  SUBSCRIPTIONS,
  /** Presence and history questions of one connection under way. */
  QUERIES,
  /** Bytes of answers to such questions that a tenant's clients get in a second. */
  ANSWERS,
  /** Messages that a tenant's clients publish in a second. */
  TENANT_MESSAGES,
  /** Bytes of payloads that a tenant's clients publish in a second. */
  TENANT_BYTES,
  /** Subscriptions that a tenant's clients begin in a second. */
  TENANT_SUBSCRIBES,
  /** Channels that a tenant's clients are subscribed to. */
  TENANT_CHANNELS,
  /** Connections of one tenant. */
  TENANT_CONNECTIONS,
  /** Connections of one user. */
  USER_CONNECTIONS,
  /** Connections of this gateway. */
  INSTANCE_CONNECTIONS,
  /** Sockets whose clients have no place yet. */
  PENDING_SOCKETS,
  /** Time until the head of a socket's request is whole, and again until its answer is taken. */
  REQUEST_TIME,
  /** Handshakes that wait to be let in. */
  HANDSHAKES,
  /** Tokens that wait to be verified. */
  TOKENS;

  private final String metricName = name().toLowerCase(Locale.ROOT);

  /** As the metric's label has it. */
  public String metricName() {
    return metricName;
  }
}
