/** A gateway that is none: something for the load generator's own tests to measure. */
package io.lqrealtime.bench.standin;
