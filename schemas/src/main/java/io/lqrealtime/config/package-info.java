/** Typed, bounded and documented configuration from the environment. */
@NullMarked
package io.lqrealtime.config;

import org.jspecify.annotations.NullMarked;
