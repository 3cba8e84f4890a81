package io.lqrealtime.router.streams;

import io.lqrealtime.id.LogId;
import io.lqrealtime.id.Region;
import io.lqrealtime.record.FormatVersion;
import io.lqrealtime.router.core.ControlKeys;
import io.lqrealtime.router.core.Directory;
import io.lqrealtime.router.core.IdBudget;
import io.lqrealtime.router.core.RoutingEngine;
import io.lqrealtime.topic.Placement;
import io.lqrealtime.topic.TopicNames;
import java.time.Duration;

/** What the processors of one router share. Each part is safe for use by several threads. */
record RouterContext(
    TopicNames names,
    Region region,
    LogId log,
    Placement placement,
    ControlKeys keys,
    int maxPayloadBytes,
    FormatVersion format,
    Duration dedupWindow,
    IdBudget ids,
    CommitMarks marks,
    GatewayTopics topics,
    GroupProgress progress,
    ActivePartitions partitions,
    RouterMetrics metrics) {

  RoutingEngine.Setting setting(int partition) {
    return new RoutingEngine.Setting(
        region, log, partition, placement, keys, maxPayloadBytes, format);
  }

  Directory emptyDirectory() {
    return new Directory(dedupWindow, ids);
  }
}
