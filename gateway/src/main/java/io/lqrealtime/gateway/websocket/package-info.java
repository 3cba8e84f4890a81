/**
 * The WebSocket protocol (RFC 6455), server side: handshake checks and frames as pure functions of
 * bytes, without I/O.
 */
@NullMarked
package io.lqrealtime.gateway.websocket;

import org.jspecify.annotations.NullMarked;
