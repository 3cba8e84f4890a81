/** The lq command. */
@NullMarked
package io.lqrealtime.app;

import org.jspecify.annotations.NullMarked;
