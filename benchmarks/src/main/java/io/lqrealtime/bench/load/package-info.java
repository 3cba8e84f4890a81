/**
 * Load and its bookkeeping: when messages are due, who sends and receives them, and whether each
 * arrived once and in order. Speaks {@code lq.v1}; knows no command line and prints nothing.
 */
@NullMarked
package io.lqrealtime.bench.load;

import org.jspecify.annotations.NullMarked;
