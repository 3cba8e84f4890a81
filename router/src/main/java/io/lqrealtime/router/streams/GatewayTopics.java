package io.lqrealtime.router.streams;

/** Which gateway topics can be written to. Safe for use by several threads; never blocks. */
interface GatewayTopics {
  /** Whether the topic is there, as far as is known. */
  boolean exists(String topic);

  /** A gateway has said that its topic is there: it is believed until it is known better. */
  void expect(String topic);

  /** The topic could not be written to: it is not there until it has been seen again. */
  void missing(String topic);
}
