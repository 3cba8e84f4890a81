/** Topic names and the placement of tenants on partitions. */
@NullMarked
package io.lqrealtime.topic;

import org.jspecify.annotations.NullMarked;
