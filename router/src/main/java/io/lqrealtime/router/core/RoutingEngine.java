package io.lqrealtime.router.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lqrealtime.id.LogId;
import io.lqrealtime.id.Region;
import io.lqrealtime.record.ChannelFingerprint;
import io.lqrealtime.record.FormatVersion;
import io.lqrealtime.record.GatewayRecord;
import io.lqrealtime.record.IndexRecord;
import io.lqrealtime.record.IndexRecordCodec;
import io.lqrealtime.record.MessageHeaders;
import io.lqrealtime.topic.Placement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Decides, for one partition of the inbound log, what happens because of a record: a function of
 * the record and the {@link Directory}, which it reads and never moves. Who calls it carries out
 * the effects and then applies the changes, before the next record.
 *
 * <p>Records are given in the order of their offsets; after a crash from an older offset again,
 * with a state that may know what comes. Deciding a record again yields the same deliveries; where
 * it can't say any more what had been routed before, {@code previous} is {@link
 * GatewayRecord#UNKNOWN}.
 *
 * <p>No record from outside makes it throw: what can't be read is rejected with a reason. Where one
 * of the service's own shows that something is wrong with the service, it throws {@link
 * IllegalStateException}; {@link #undecided} is for that. Not safe for several threads.
 */
public final class RoutingEngine {
  private final Setting setting;
  private final Directory directory;
  private final MessageReader messages;
  private final ControlReader controls;
  private final FanOut fanOut;
  private final ControlRouting controlRouting;
  private final OrderRouting orderRouting;
  private final MemberSweep memberSweep;
  private final OriginSeal seal;
  private final IdHash idHash = new IdHash();

  /**
   * Where the engine works.
   *
   * @param log the inbound log's present incarnation
   * @param maxPayloadBytes the largest message
   * @param format the version of the records and the state that are written
   */
  public record Setting(
      Region region,
      LogId log,
      int partition,
      Placement placement,
      ControlKeys keys,
      int maxPayloadBytes,
      FormatVersion format) {}

  public RoutingEngine(Setting setting, Directory directory) {
    this.setting = setting;
    this.directory = directory;
    this.messages = new MessageReader(setting.maxPayloadBytes());
    this.controls = new ControlReader(setting);
    this.fanOut = new FanOut(setting, directory);
    this.controlRouting =
        new ControlRouting(setting.partition(), directory, new MemberRouting(directory, fanOut));
    this.orderRouting = new OrderRouting(directory);
    this.memberSweep = new MemberSweep(setting, directory);
    this.seal = new OriginSeal(setting.keys().service());
  }

  public Decision decide(InboundRecord record) {
    Reading reading =
        record.headers().isMessage()
            ? messages.read(record)
            : controls.read(new String(record.headers().type().orElseThrow(), UTF_8), record);
    return switch (reading) {
      case Reading.Message message -> decide(record, message);
      case Reading.Control control -> controlRouting.decide(record, control);
      case Reading.Order order -> orderRouting.decide(record, order);
      case Reading.Invalid invalid -> Decision.rejected(invalid.reason(), invalid.detail());
    };
  }

  /** The heartbeats that are due about once a second: to each gateway with channels here. */
  public List<Effect> heartbeats() {
    List<Effect> beats = new ArrayList<>();
    for (Gateway gateway : directory.gateways()) {
      if (gateway.channels() > 0) {
        controlRouting.beat(gateway).ifPresent(beats::add);
      }
    }
    return beats;
  }

  /**
   * What is due about once a second because of who is in channels: how many, where that is told,
   * and the leaves of those whose gateway is gone.
   *
   * @param nanos of a clock that only rises
   */
  public List<Effect> memberNews(long nanos) {
    return memberSweep.tick(nanos);
  }

  /**
   * What follows for the state if a record could not be decided on at all: no gateway's chain can
   * be relied on past it, so each learns with its next record or heartbeat that it may have missed
   * something.
   */
  public List<Change> undecided() {
    List<Change> changes = new ArrayList<>();
    for (Gateway gateway : directory.gateways()) {
      if (gateway.channels() > 0) {
        changes.add(new Change.Routed(gateway.id(), gateway.brokenChain()));
      }
    }
    return changes;
  }

  /**
   * What is to be written to the index next; {@link Change.Indexed} is to be applied once it is
   * sent. After a restoration it begins with what may not have been written.
   */
  public Optional<Effect.Index> index() {
    Optional<Effect.Index> restored = directory.listing().restored();
    return restored.isPresent() ? restored : directory.listing().unindexed().map(this::index);
  }

  /**
   * How what was read comes to be persisted, which has to be applied before the offsets are
   * committed; and what need not be persisted any more.
   */
  public List<Change> unsaved() {
    List<Change> changes = new ArrayList<>();
    for (Listing.Part part : directory.listing().unsaved()) {
      changes.add(
          new Change.IndexSaved(new Chunk(Chunk.Kind.INDEX, part.from(), part.to()), index(part)));
    }
    changes.addAll(directory.ids().unsaved());
    changes.addAll(directory.listing().outdated());
    return changes;
  }

  private Effect.Index index(Listing.Part part) {
    IndexRecord.Stretch stretch =
        new IndexRecord.Stretch(
            setting.region(), setting.log(), setting.partition(), part.from(), part.to());
    return new Effect.Index(
        part.to(),
        part.time(),
        IndexRecordCodec.encode(
            stretch, part.offsets(), part.channels(), part.count(), setting.format()));
  }

  private Decision decide(InboundRecord record, Reading.Message message) {
    byte[] value = record.value();
    if (value == null) {
      throw new IllegalStateException("a message has a value");
    }
    Optional<Origins.Forwarded> origin = seal.read(record, value);
    ChannelName channel = message.channel();
    int home = setting.placement().home(channel.tenant(), channel.channel());
    if (home != setting.partition()) {
      if (origin.isPresent()) {
        // Forwarding it again could go on for ever.
        throw new IllegalStateException(
            "a message was sent home to partition "
                + setting.partition()
                + ", and its home is "
                + home
                + ": routers that differ in the number of partitions");
      }
      return new Decision(
          Decision.SENT_HOME,
          List.of(seal.forward(home, setting.partition(), record, value)),
          List.of());
    }
    List<Change> changes = new ArrayList<>();
    if (origin.isPresent()) {
      Optional<Change> taken = directory.origins().take(origin.get());
      if (taken.isEmpty()) {
        return new Decision(Decision.FORWARDED_AGAIN, List.of(), List.of());
      }
      changes.add(taken.get());
    }
    if (isRepeat(record, message, changes)) {
      return new Decision(Decision.DUPLICATE, List.of(), changes);
    }
    changes.add(
        new Change.Listed(
            record.offset(), ChannelFingerprint.of(channel.tenant(), channel.channel())));
    List<Effect> effects = new ArrayList<>();
    fanOut.route(
        new FanOut.Item(
            channel, record.offset(), record.time(), message.id(), message.from(), value),
        effects,
        changes);
    return new Decision(Decision.ROUTED, effects, changes);
  }

  /** Whether the message's id was seen before; if not, the change by which it is seen. */
  private boolean isRepeat(InboundRecord record, Reading.Message message, List<Change> changes) {
    if (!directory.ids().isOn() || message.id().isEmpty()) {
      return false;
    }
    MessageHeaders headers = record.headers();
    IdFingerprint id =
        idHash.of(
            Objects.requireNonNull(record.key()),
            headers.from(),
            headers.channel().orElseThrow(),
            headers.id().orElseThrow());
    if (directory.ids().isRepeat(id, record.offset(), record.time())) {
      return true;
    }
    changes.add(new Change.IdSeen(id, record.offset(), record.time()));
    return false;
  }
}
