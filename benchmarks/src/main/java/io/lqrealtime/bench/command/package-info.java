/** The commands under {@code lq bench}: options in, a run, a report and an exit code out. */
@NullMarked
package io.lqrealtime.bench.command;

import org.jspecify.annotations.NullMarked;
