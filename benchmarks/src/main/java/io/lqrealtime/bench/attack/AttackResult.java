package io.lqrealtime.bench.attack;

import java.util.Map;

/**
 * What an attacker did, and what it got, over all of its time.
 *
 * @param nanos how long it attacked
 * @param connects attempts to connect
 * @param opened of these, how many were let in
 * @param framesSent that sockets took
 * @param framesHeldUp that were due, and their sockets full or not open
 * @param answers frames that came back, errors among them
 * @param errors error frames by code
 * @param endings of connections that the service ended, by close code
 * @param refusals handshakes that were refused, by HTTP status
 */
public record AttackResult(
    long nanos,
    long connects,
    long opened,
    long framesSent,
    long framesHeldUp,
    long answers,
    Map<String, Long> errors,
    Map<String, Long> endings,
    Map<String, Long> refusals) {}
