package io.lqrealtime.router.streams;

import io.lqrealtime.record.DeadLetterReason;
import io.lqrealtime.router.core.Decision.ControlOutcome;
import io.lqrealtime.router.core.IdBudget;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The router's own meters. Safe for use by several threads. */
final class RouterMetrics {
  private final MeterRegistry registry;
  private final Counter routed;
  private final Counter deliveries;
  private final Counter forwarded;
  private final Counter forwardedAgain;
  private final Counter duplicates;
  private final Counter indexRecords;
  private final Counter droppedMissingTopic;
  private final Counter failedDeliveries;
  private final Counter undecided;
  private final Map<DeadLetterReason, Counter> deadLetters = new EnumMap<>(DeadLetterReason.class);
  private final Map<String, Map<ControlOutcome, Counter>> controls = new ConcurrentHashMap<>();

  RouterMetrics(MeterRegistry registry, ActivePartitions partitions, IdBudget ids) {
    this.registry = registry;
    this.routed = counter("lq_routed_total", "messages routed in their home partition");
    this.deliveries = counter("lq_deliveries_total", "records written to gateways' topics");
    this.forwarded = counter("lq_forwarded_total", "messages sent to their home partition");
    this.forwardedAgain =
        counter("lq_forwarded_again_total", "copies of messages that had come home already");
    this.duplicates =
        counter("lq_router_duplicates_total", "messages sent again under the same id, not routed");
    this.indexRecords = counter("lq_router_index_records_total", "records written to the index");
    this.droppedMissingTopic =
        counter(
            "lq_router_dropped_missing_topic_total",
            "records for gateways whose topic is missing, not written");
    this.failedDeliveries =
        counter("lq_router_failed_deliveries_total", "records that a gateway's topic did not take");
    this.undecided =
        counter("lq_router_undecided_total", "records that could not be decided on: a bug");
    for (DeadLetterReason reason : DeadLetterReason.values()) {
      deadLetters.put(
          reason,
          Counter.builder("lq_dead_letters_total")
              .description("records of the inbound log that could not be routed")
              .tag("reason", reason.wireName())
              .register(registry));
    }
    Gauge.builder("lq_directory_entries", partitions, ActivePartitions::openEntries)
        .description("channels that gateways have, over the partitions of this process")
        .register(registry);
    Gauge.builder("lq_directory_members", partitions, ActivePartitions::members)
        .description("connections that are in channels, each counted once a channel")
        .register(registry);
    Gauge.builder("lq_router_index_pending", partitions, ActivePartitions::unindexedMessages)
        .description("messages routed and not yet written to the index")
        .register(registry);
    Gauge.builder("lq_router_ids", ids, IdBudget::held)
        .description("ids by which repeated messages are known")
        .register(registry);
    FunctionCounter.builder("lq_router_ids_dropped_total", ids, IdBudget::dropped)
        .description("ids forgotten before their time, for the bound on their number")
        .register(registry);
    Gauge.builder("lq_directory_closed_entries", partitions, ActivePartitions::closedEntries)
        .description("channels that gateways gave up, kept until they can't be read again")
        .register(registry);
  }

  void duplicate() {
    duplicates.increment();
  }

  void indexed() {
    indexRecords.increment();
  }

  void routed() {
    routed.increment();
  }

  void delivered() {
    deliveries.increment();
  }

  void forwarded() {
    forwarded.increment();
  }

  void forwardedAgain() {
    forwardedAgain.increment();
  }

  void droppedForMissingTopic() {
    droppedMissingTopic.increment();
  }

  void deliveryFailed() {
    failedDeliveries.increment();
  }

  void undecided() {
    undecided.increment();
  }

  void deadLetter(DeadLetterReason reason) {
    Counter counter = deadLetters.get(reason);
    if (counter != null) {
      counter.increment();
    }
  }

  void controlled(String type, ControlOutcome outcome) {
    controls
        .computeIfAbsent(type, t -> new ConcurrentHashMap<>())
        .computeIfAbsent(
            outcome,
            o ->
                Counter.builder("lq_control_records_total")
                    .description("control records by what became of them")
                    .tag("type", type)
                    .tag("outcome", o.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'))
                    .register(registry))
        .increment();
  }

  private Counter counter(String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }
}
