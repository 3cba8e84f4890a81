/** Orders about tenants and their users, as the commands give and show them. */
@NullMarked
package io.lqrealtime.app.order;

import org.jspecify.annotations.NullMarked;
