/** The service's topics in Kafka. */
@NullMarked
package io.lqrealtime.app.topics;

import org.jspecify.annotations.NullMarked;
