/** The keys that tokens are verified with: where they are read from, and which one fits a token. */
@NullMarked
package io.lqrealtime.gateway.security.keys;

import org.jspecify.annotations.NullMarked;
