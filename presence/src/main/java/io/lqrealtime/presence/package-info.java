/**
 * Who is where, as a view that can be written again at any time: the ports for presence and for the
 * gateways' leases, and the two components that keep a gateway's part of them up to date.
 */
@NullMarked
package io.lqrealtime.presence;

import org.jspecify.annotations.NullMarked;
