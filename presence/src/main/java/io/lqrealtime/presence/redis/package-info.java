/** Presence and leases in Redis (7 or newer), over Lettuce, with one Lua script a file. */
@NullMarked
package io.lqrealtime.presence.redis;

import org.jspecify.annotations.NullMarked;
