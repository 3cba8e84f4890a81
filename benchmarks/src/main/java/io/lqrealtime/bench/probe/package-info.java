/**
 * Looks at the processes that are measured, and at the machine: metrics by HTTP, {@code /proc},
 * {@code jcmd}. What cannot be had on this system is said in words and does not fail a run.
 */
@NullMarked
package io.lqrealtime.bench.probe;

import org.jspecify.annotations.NullMarked;
