/** What is decided about tenants and their users, for all gateways to hold to. */
@NullMarked
package io.lqrealtime.tenant;

import org.jspecify.annotations.NullMarked;
