/**
 * Decides from the history that clients wrote whether the service kept its promises. Reads nothing
 * but lines of JSON, and shares no code with the service or with those clients: what it knows of
 * positions and of the protocol it has from the protocol's document.
 */
@NullMarked
package io.lqrealtime.bench.faults.judge;

import org.jspecify.annotations.NullMarked;
