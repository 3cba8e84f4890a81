/** Everything in one process, for a laptop. */
@NullMarked
package io.lqrealtime.app.dev;

import org.jspecify.annotations.NullMarked;
