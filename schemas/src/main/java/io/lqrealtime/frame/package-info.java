/** What WebSocket clients send and receive ({@code lq.v1}). */
@NullMarked
package io.lqrealtime.frame;

import org.jspecify.annotations.NullMarked;
