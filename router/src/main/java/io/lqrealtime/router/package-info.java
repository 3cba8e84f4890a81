/** The router as the rest of the service sees it: its settings, its start, its health. */
@NullMarked
package io.lqrealtime.router;

import org.jspecify.annotations.NullMarked;
