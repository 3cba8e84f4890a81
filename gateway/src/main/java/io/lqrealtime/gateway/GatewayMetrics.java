package io.lqrealtime.gateway;

import io.lqrealtime.frame.CloseReason;
import io.lqrealtime.frame.ErrorCode;
import io.lqrealtime.gateway.delivery.ChannelRegistry;
import io.lqrealtime.gateway.delivery.DeliveryMetrics;
import io.lqrealtime.gateway.delivery.MemberLog;
import io.lqrealtime.gateway.delivery.RecentMessages;
import io.lqrealtime.gateway.inbound.InboundProducer;
import io.lqrealtime.gateway.limit.HandshakeGate;
import io.lqrealtime.gateway.limit.Limit;
import io.lqrealtime.gateway.security.TokenCheckThreads;
import io.lqrealtime.gateway.session.ChannelMetrics;
import io.lqrealtime.gateway.session.SessionServices.SessionMetrics;
import io.lqrealtime.gateway.tenant.OrderReader;
import io.lqrealtime.gateway.tenant.OrderReader.OrderMetrics;
import io.lqrealtime.gateway.tenant.Revocations;
import io.lqrealtime.gateway.tenant.Tenants;
import io.lqrealtime.gateway.transport.LinuxSocketTable;
import io.lqrealtime.gateway.websocket.Violation;
import io.lqrealtime.tenant.TenantOrder;
import io.lqrealtime.tenant.TenantOrderCodec;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A gateway's own meters, under the names that dashboards and the autoscaler rely on. */
final class GatewayMetrics
    implements SessionMetrics, ChannelMetrics, DeliveryMetrics, OrderMetrics {
  private static final Duration[] BUCKETS = {
    Duration.ofMillis(1),
    Duration.ofMillis(2),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofSeconds(5),
    Duration.ofSeconds(30)
  };

  private final MeterRegistry registry;
  private final Counter received;
  private final Counter delivered;
  private final Counter gaps;
  private final Counter duplicates;
  private final Counter unreadable;
  private final Counter mismatches;
  private final Counter unreadableOrders;

  /** Limits at which a connection ends, by the cause of its end. */
  private static final Map<String, Limit> LIMITS_BY_CAUSE =
      Map.of(
          Violation.MESSAGE_TOO_BIG.name(), Limit.FRAME_BYTES,
          Violation.TOO_MANY_FRAGMENTS.name(), Limit.FRAGMENTS,
          Violation.TOO_MANY_CONTROL_FRAMES.name(), Limit.CONTROL_FRAMES,
          Violation.MESSAGE_TOO_SLOW.name(), Limit.MESSAGE_TIME,
          CloseReason.OVERLOADED.name(), Limit.UNFINISHED_BYTES);

  private final Timer ack;
  private final Timer delivery;
  private final Map<ErrorCode, Counter> errors = new EnumMap<>(ErrorCode.class);
  private final Map<Behind, Counter> catchUps = new EnumMap<>(Behind.class);
  private final Map<Limit, Counter> limited = new EnumMap<>(Limit.class);

  GatewayMetrics(MeterRegistry registry) {
    this.registry = registry;
    received = counter("websocket.messages.received", "Text messages from clients");
    delivered = counter("websocket.messages.delivered", "Message frames queued to clients");
    gaps = counter("lq.delivery.gaps", "Times that messages of a partition had not come");
    duplicates = counter("lq.delivery.duplicates", "Records that had come before");
    unreadable =
        counter("lq.delivery.unreadable", "Records of the gateway's topic that can't be read");
    mismatches =
        counter("lq.delivery.digest.mismatches", "Times that the router held other channels");
    unreadableOrders =
        counter("lq.orders.unreadable", "Records of the tenants topic that can't be read");
    ack = timer("lq.publish.ack", "From a publish frame to its durability");
    delivery = timer("lq.delivery", "From the append to the inbound log to the socket");
    for (ErrorCode code : ErrorCode.values()) {
      errors.put(
          code,
          Counter.builder("lq.errors")
              .description("Error frames sent")
              .tag("code", code.wireName())
              .register(registry));
    }
    for (Behind cause : Behind.values()) {
      catchUps.put(
          cause,
          Counter.builder("lq.catch.ups")
              .description("Subscriptions that were behind, and had to catch up")
              .tag("cause", cause.name().toLowerCase(Locale.ROOT))
              .register(registry));
    }
    for (Limit limit : Limit.values()) {
      limited.put(
          limit,
          Counter.builder("lq.limited")
              .description("Frames and handshakes turned away, or not read, because of a limit")
              .tag("limit", limit.metricName())
              .register(registry));
    }
    // These two are counted as the violation that was found.
    EnumSet.complementOf(EnumSet.of(CloseReason.PROTOCOL_ERROR, CloseReason.BINARY_REFUSED))
        .forEach(reason -> ended(reason.name(), 0));
    for (Violation violation : Violation.values()) {
      ended(violation.name(), 0);
    }
  }

  private Counter counter(String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }

  private Timer timer(String name, String description) {
    return Timer.builder(name)
        .description(description)
        .serviceLevelObjectives(BUCKETS)
        .register(registry);
  }

  /**
   * Shows what these hold.
   *
   * @param silence a partition's router is silent when it has not been heard of for this long
   */
  void watch(
      ChannelRegistry channels,
      MemberLog members,
      RecentMessages recent,
      EventLoops loops,
      Duration silence) {
    Gauge.builder("lq.member.events.pending", members, MemberLog::pending)
        .description("Joins and leaves that Kafka has not taken yet")
        .register(registry);
    Gauge.builder("lq.member.partitions.broken", members, MemberLog::broken)
        .description(
            "Partitions that are to tell anew who is in their channels, and have not begun")
        .register(registry);
    FunctionCounter.builder("lq.member.events.lost", members, MemberLog::lost)
        .description("Joins and leaves that Kafka did not take; all who are there are told anew")
        .register(registry);
    Gauge.builder("lq.gateway.channels", channels, ChannelRegistry::channels)
        .description("Channels that this gateway gets from the router")
        .register(registry);
    Gauge.builder("lq.outbound.lagging.connections", loops, EventLoops::lagging)
        .description("Connections whose socket does not take what is there for it")
        .register(registry);
    Gauge.builder("lq.turns.waiting", loops, EventLoops::waitingForTurn)
        .description("Clients that wait for their tenant's turn to be read from or sent more")
        .register(registry);
    Gauge.builder("lq.outbound.queued.bytes", loops, EventLoops::queuedBytes)
        .description("Bytes that wait for clients' sockets; a shared frame counts for each")
        .register(registry);
    Gauge.builder("lq.inbound.unfinished.bytes", loops, EventLoops::unfinishedBytes)
        .description("Bytes kept of clients' messages that are not whole yet")
        .register(registry);
    Gauge.builder("lq.recent.bytes", recent, RecentMessages::bytes)
        .description("Messages kept in memory for clients that catch up")
        .register(registry);
    Gauge.builder("lq.router.silent.partitions", channels, c -> c.silentPartitions(silence).size())
        .description("Partitions with channels here whose router has not been heard of for 5 s")
        .register(registry);
  }

  /** Shows who is here. */
  void watch(Tenants tenants, Revocations revocations, OrderReader orders) {
    Gauge.builder("lq.orders.in.force", orders, OrderReader::inForce)
        .description("Policies and revocations of all tenants that the tenants topic holds")
        .register(registry);
    Gauge.builder("lq.revocations", revocations, Revocations::size)
        .description("Revocations of tokens that are told apart")
        .register(registry);
    Gauge.builder("websocket.active.connections", tenants, Tenants::connections)
        .description("Open WebSocket connections, and handshakes about to be one")
        .register(registry);
    Gauge.builder("lq.tenants.present", tenants, Tenants::present)
        .description("Tenants with connections to this gateway")
        .register(registry);
    Gauge.builder("lq.tenants.policies", tenants, Tenants::policies)
        .description("Tenants with a policy of their own")
        .register(registry);
  }

  /** Shows what is on its way into the log. */
  void watch(InboundProducer inbound) {
    Gauge.builder("lq.publishes.under.way.bytes", inbound, InboundProducer::bytesUnderWay)
        .description("Bytes of clients' messages that are not durable yet")
        .register(registry);
  }

  /** Shows how many sockets there are. */
  void watchSockets(Supplier<Number> sockets) {
    Gauge.builder("lq.sockets", sockets)
        .description("TCP connections to the WebSocket port, upgraded or not")
        .register(registry);
  }

  /** Shows which tokens wait. */
  void watch(TokenCheckThreads tokens) {
    Gauge.builder("lq.tokens.waiting", tokens, TokenCheckThreads::waiting)
        .description("Tokens that wait to be verified")
        .register(registry);
  }

  /** Shows whose silence is looked into. */
  void watch(LinuxSocketTable silentPeers) {
    Gauge.builder("lq.silent.peers.waiting", silentPeers, LinuxSocketTable::waiting)
        .description("Connections that answered no ping and are about to be looked up")
        .register(registry);
  }

  /** Shows who waits to come in. */
  void watch(HandshakeGate gate) {
    Gauge.builder("lq.handshakes.waiting", gate, HandshakeGate::waiting)
        .description("Handshakes that wait for their turn")
        .register(registry);
  }

  void handshake(String outcome) {
    registry.counter("websocket.connections", "outcome", outcome).increment();
  }

  void ended(String cause) {
    ended(cause, 1);
    Limit limit = LIMITS_BY_CAUSE.get(cause);
    if (limit != null) {
      limited(limit);
    }
  }

  private void ended(String cause, int count) {
    registry
        .counter("lq.connections.ended", "cause", cause.toLowerCase(Locale.ROOT))
        .increment(count);
  }

  /** A message that was appended then has been written to the sockets that take it. */
  void written(long appendedAtMillis) {
    delivery.record(
        Math.max(0, System.currentTimeMillis() - appendedAtMillis), TimeUnit.MILLISECONDS);
  }

  @Override
  public void delivered(int frames) {
    delivered.increment(frames);
  }

  @Override
  public void fellBehind(Behind cause) {
    Counter counter = catchUps.get(cause);
    if (counter != null) {
      counter.increment();
    }
  }

  @Override
  public void frameReceived() {
    received.increment();
  }

  @Override
  public void error(ErrorCode code) {
    Counter counter = errors.get(code);
    if (counter != null) {
      counter.increment();
    }
  }

  @Override
  public void limited(Limit limit) {
    Counter counter = limited.get(limit);
    if (counter != null) {
      counter.increment();
    }
  }

  @Override
  public void obeyed(TenantOrder order) {
    registry.counter("lq.orders", "type", TenantOrderCodec.typeOf(order)).increment();
  }

  @Override
  public void unreadableOrder() {
    unreadableOrders.increment();
  }

  @Override
  public void acked(long nanos) {
    ack.record(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void gap() {
    gaps.increment();
  }

  @Override
  public void duplicate() {
    duplicates.increment();
  }

  @Override
  public void unreadable() {
    unreadable.increment();
  }

  @Override
  public void digestMismatch() {
    mismatches.increment();
  }
}
