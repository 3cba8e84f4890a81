/** The decision, pure: which gateways a record goes to, and how the state moves. No Kafka types. */
@NullMarked
package io.lqrealtime.router.core;

import org.jspecify.annotations.NullMarked;
