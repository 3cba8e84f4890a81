/** Who a client is and what it may do: tokens and permissions. */
@NullMarked
package io.lqrealtime.gateway.security;

import org.jspecify.annotations.NullMarked;
