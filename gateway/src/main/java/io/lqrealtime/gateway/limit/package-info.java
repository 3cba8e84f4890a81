/** What is counted against clients and tenants: rates, and how fast newcomers are let in. */
@NullMarked
package io.lqrealtime.gateway.limit;

import org.jspecify.annotations.NullMarked;
