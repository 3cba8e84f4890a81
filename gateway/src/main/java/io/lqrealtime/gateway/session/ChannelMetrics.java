package io.lqrealtime.gateway.session;

/** What the fan-out to subscriptions counts. For several threads. */
public interface ChannelMetrics {
  /** Why a subscription is behind the gateway's stream, and reads on from its cursor. */
  enum Behind {
    /** Its client asked for what was before. */
    RESUME,
    /** Its client's socket did not take what there was. */
    SLOW,
    /** Its tenant's clients had as much at once as they may while other tenants' wait. */
    TURN,
    /** Messages had not come to the gateway, or the stream was begun anew. */
    GAP
  }

  /** Message frames were queued to clients. */
  void delivered(int frames);

  /** A subscription was live, or began, and is behind from now on. */
  void fellBehind(Behind cause);
}
