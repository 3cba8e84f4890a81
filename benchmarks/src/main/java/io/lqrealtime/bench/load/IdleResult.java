package io.lqrealtime.bench.load;

import java.util.Map;

/**
 * What an idle run came to.
 *
 * @param heldNanos how long all were open and left alone
 * @param endings connections that ended meanwhile, by how
 */
public record IdleResult(
    ConnectResult connects,
    boolean interrupted,
    long heldNanos,
    Map<String, Long> errors,
    Map<String, Long> endings) {}
