/** Finds gateways whose lease has been missing for too long, and has the log declare them down. */
@NullMarked
package io.lqrealtime.router.sweep;

import org.jspecify.annotations.NullMarked;
