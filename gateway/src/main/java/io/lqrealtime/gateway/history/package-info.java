/**
 * What was routed in the past, read from the log: the index says where, the log holds the bodies.
 */
@NullMarked
package io.lqrealtime.gateway.history;

import org.jspecify.annotations.NullMarked;
