/**
 * Tenants that misbehave: floods, storms and clients that do not read, against a gateway on this
 * machine, bounded in rate, connections and time. What matters is what others feel meanwhile, so an
 * attacker costs little itself: frames are built and masked beforehand, and go out many in a write.
 */
@NullMarked
package io.lqrealtime.bench.attack;

import org.jspecify.annotations.NullMarked;
