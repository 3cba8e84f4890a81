/**
 * Whether the service keeps its promises while its parts fail: clients that write down what they
 * sent and saw, faults by a seed, and a judge.
 */
@NullMarked
package io.lqrealtime.bench.faults;

import org.jspecify.annotations.NullMarked;
