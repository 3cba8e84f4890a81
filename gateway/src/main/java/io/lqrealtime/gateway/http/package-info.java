/** Undertow: the handshake, the console page. */
@NullMarked
package io.lqrealtime.gateway.http;

import org.jspecify.annotations.NullMarked;
