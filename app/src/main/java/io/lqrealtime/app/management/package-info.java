/** Health and metrics over HTTP and JMX. */
@NullMarked
package io.lqrealtime.app.management;

import org.jspecify.annotations.NullMarked;
