/** Faults: which there are, when they come, and what brings them about. */
@NullMarked
package io.lqrealtime.bench.faults.schedule;

import org.jspecify.annotations.NullMarked;
