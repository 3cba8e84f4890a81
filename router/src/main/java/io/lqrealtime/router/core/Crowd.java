package io.lqrealtime.router.core;

/**
 * How many are in a channel that is too big to tell who comes and goes.
 *
 * @param offset of the last join or leave
 * @param joins whether that was a join
 */
record Crowd(ChannelName channel, long offset, boolean joins, int connections, int users) {}
