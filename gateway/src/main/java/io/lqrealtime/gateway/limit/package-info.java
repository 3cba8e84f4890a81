/**
 * What is counted against clients and tenants: rates, how fast newcomers are let in, and in turns.
 */
@NullMarked
package io.lqrealtime.gateway.limit;

import org.jspecify.annotations.NullMarked;
