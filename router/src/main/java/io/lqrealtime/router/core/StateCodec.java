package io.lqrealtime.router.core;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.LogId;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import io.lqrealtime.record.BinaryReader;
import io.lqrealtime.record.BinaryWriter;
import io.lqrealtime.record.FormatVersion;
import io.lqrealtime.record.IndexRecord;
import io.lqrealtime.record.IndexRecordCodec;
import io.lqrealtime.record.RecordFormatException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes as keys and values of the stores that the state is restored from.
 *
 * <ul>
 *   <li>{@link Store#DIRECTORY} moves with control records only, each of them written at once and
 *       in order: {@code 1 gateway} → generation, sequence, control offset, down, down time,
 *       boundaries, roster offset; {@code 2 tenant channel gateway from} → to; {@code 3 tenant
 *       channel connection} → user, gateway, generation, offset. Gateways sort before entries,
 *       which need their boundaries. {@code 0} → the log that all offsets are of.
 *   <li>{@link Store#PROGRESS} moves with messages, and is written once a commit: {@code 1 gateway}
 *       → chain start, last routed; {@code 2 partition} → origin offset, home offset.
 *   <li>{@link Store#RECENT} is written once a commit too: {@code 1 from to} → time of the last
 *       record, the index record of the stretch; {@code 2 from to} → ids, as {@link IdChunk} has
 *       them.
 * </ul>
 *
 * <p>Texts have their length before them, numbers are varints, except {@code from} and {@code to},
 * which are 8 bytes so that entries and stretches sort by them. Values begin with their {@linkplain
 * FormatVersion version}; readers ignore what follows the fields they know, except in the stretches
 * of the recent store, which end with their value.
 */
public final class StateCodec {
  private static final byte LOG = 0;
  private static final byte GATEWAY = 1;
  private static final byte ENTRY = 2;
  private static final byte MEMBER = 3;
  private static final byte ORIGIN = 2;
  private static final byte INDEX = 1;
  private static final byte IDS = 2;
  private static final long NO_END = 0;

  /** The stores. */
  public enum Store {
    DIRECTORY,
    PROGRESS,
    RECENT
  }

  /** Takes what is to be stored. */
  @FunctionalInterface
  public interface Sink {
    /** A null value deletes. */
    void put(Store store, byte[] key, byte @Nullable [] value);
  }

  private final FormatVersion version;

  /** Writes values of the version; what it reads may be of any that this code reads. */
  public StateCodec(FormatVersion version) {
    this.version = version;
  }

  /** The key of the directory store under which lies which log the state is of. */
  public static byte[] logKey() {
    return new byte[] {LOG};
  }

  public byte[] logValue(LogId log) {
    BinaryWriter out = versioned();
    out.int40(log.bits());
    return ended(out);
  }

  /**
   * The log that the state is of.
   *
   * @throws RecordFormatException if the value is broken or of a newer version
   */
  public static LogId log(byte[] value) {
    try {
      BinaryReader in = new BinaryReader(value);
      FormatVersion.check(in.octet(), "router state");
      return new LogId(in.int40());
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new RecordFormatException("router state that can't be read", e);
    }
  }

  /** Whether the key is that of {@link #logKey}, which says no change. */
  public static boolean isLogKey(byte[] key) {
    return key.length == 1 && key[0] == LOG;
  }

  public void write(Change change, Sink sink) {
    switch (change) {
      case Change.Routed routed ->
          sink.put(Store.PROGRESS, gatewayKey(routed.gateway()), chain(routed.chain()));
      case Change.PutEntry put ->
          sink.put(Store.DIRECTORY, entryKey(put.entry()), entryValue(put.entry()));
      case Change.RemoveEntry remove -> sink.put(Store.DIRECTORY, entryKey(remove.entry()), null);
      case Change.PutGateway put ->
          sink.put(Store.DIRECTORY, gatewayKey(put.gateway()), gatewayValue(put.state()));
      case Change.PutMember put ->
          sink.put(
              Store.DIRECTORY,
              memberKey(put.member().channel(), put.member().connection()),
              memberValue(put.member()));
      case Change.RemoveMember remove ->
          sink.put(Store.DIRECTORY, memberKey(remove.channel(), remove.connection()), null);
      case Change.RemoveGateway remove -> {
        sink.put(Store.DIRECTORY, gatewayKey(remove.gateway()), null);
        sink.put(Store.PROGRESS, gatewayKey(remove.gateway()), null);
      }
      case Change.OriginTaken taken ->
          sink.put(Store.PROGRESS, originKey(taken.forwarded()), originValue(taken.forwarded()));
      case Change.IndexSaved saved ->
          sink.put(Store.RECENT, chunkKey(saved.chunk()), indexValue(saved.index()));
      case Change.IdsSaved saved ->
          sink.put(
              Store.RECENT, chunkKey(saved.chunk()), IdChunk.inVersion(saved.value(), version));
      case Change.ChunkRemoved removed -> sink.put(Store.RECENT, chunkKey(removed.chunk()), null);
      case Change.OriginReplayed _,
          Change.Listed _,
          Change.IdSeen _,
          Change.Indexed _,
          Change.IdsForgotten _ -> {
        // Either the state is ahead of it, or it is persisted by another change.
      }
    }
  }

  /**
   * The change that a stored key and value say.
   *
   * @throws RecordFormatException if they are broken or of a newer version
   */
  public static Change read(Store store, byte[] key, byte[] value) {
    try {
      BinaryReader keyIn = new BinaryReader(key);
      BinaryReader in = new BinaryReader(value);
      byte kind = keyIn.octet();
      if (store == Store.RECENT) {
        return chunk(kind, keyIn, value);
      }
      FormatVersion.check(in.octet(), "router state");
      return switch (store) {
        case DIRECTORY ->
            switch (kind) {
              case GATEWAY -> new Change.PutGateway(new GatewayId(keyIn.text()), state(in));
              case ENTRY -> new Change.PutEntry(entry(keyIn, in));
              case MEMBER -> new Change.PutMember(member(keyIn, in));
              default -> throw new RecordFormatException("router state of unknown kind " + kind);
            };
        case PROGRESS ->
            switch (kind) {
              case GATEWAY ->
                  new Change.Routed(
                      new GatewayId(keyIn.text()), new Chain(in.zigzag(), in.zigzag()));
              case ORIGIN ->
                  new Change.OriginTaken(
                      new Origins.Forwarded(keyIn.varint32(), in.varint(), in.varint()));
              default -> throw new RecordFormatException("router state of unknown kind " + kind);
            };
        case RECENT -> throw new IllegalStateException("read above");
      };
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new RecordFormatException("router state that can't be read", e);
    }
  }

  private static Change chunk(byte kind, BinaryReader key, byte[] value) {
    long from = key.int64();
    long to = key.int64();
    return switch (kind) {
      case INDEX -> {
        BinaryReader in = new BinaryReader(value);
        FormatVersion.check(in.octet(), "a kept index record");
        long time = in.varint();
        byte[] index = Arrays.copyOfRange(value, in.position(), value.length);
        IndexRecord.Stretch stretch = IndexRecordCodec.decode(index).stretch();
        if (stretch.from() != from || stretch.to() != to) {
          throw new RecordFormatException("an index record under a wrong key");
        }
        yield new Change.IndexSaved(
            new Chunk(Chunk.Kind.INDEX, from, to), new Effect.Index(to, time, index));
      }
      case IDS -> {
        IdChunk.check(value);
        yield new Change.IdsSaved(new Chunk(Chunk.Kind.IDS, from, to), value);
      }
      default -> throw new RecordFormatException("router state of unknown kind " + kind);
    };
  }

  private static byte[] chunkKey(Chunk chunk) {
    BinaryWriter out = new BinaryWriter();
    out.octet(
        switch (chunk.kind()) {
          case INDEX -> INDEX;
          case IDS -> IDS;
        });
    out.int64(chunk.from());
    out.int64(chunk.to());
    return out.toByteArray();
  }

  private byte[] indexValue(Effect.Index index) {
    BinaryWriter out = versioned();
    out.varint(index.time());
    out.bytes(index.value());
    return out.toByteArray();
  }

  private static byte[] gatewayKey(GatewayId gateway) {
    BinaryWriter out = new BinaryWriter();
    out.octet(GATEWAY);
    out.text(gateway.value());
    return out.toByteArray();
  }

  private byte[] gatewayValue(GatewayState state) {
    BinaryWriter out = versioned();
    out.varint(state.generation());
    out.varint(state.sequence());
    out.varint(state.controlOffset());
    out.octet((byte) (state.down() ? 1 : 0));
    out.varint(state.downTime());
    out.varint(state.boundaries().size());
    state.boundaries().forEach(out::varint);
    out.varint(state.rosterFrom());
    return ended(out);
  }

  private static GatewayState state(BinaryReader in) {
    long generation = in.varint();
    long sequence = in.varint();
    long controlOffset = in.varint();
    boolean down = in.octet() == 1;
    long downTime = in.varint();
    int count = Math.min(in.varint32(), GatewayState.MAX_BOUNDARIES + 1);
    List<Long> boundaries = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      boundaries.add(in.varint());
    }
    // Not there in what was written before there were members.
    long rosterFrom = in.isAtEnd() ? boundaries.getLast() : in.varint();
    return new GatewayState(
        generation, sequence, controlOffset, boundaries, down, downTime, rosterFrom);
  }

  private static byte[] entryKey(Entry entry) {
    BinaryWriter out = new BinaryWriter();
    out.octet(ENTRY);
    out.text(entry.channel().tenant().value());
    out.text(entry.channel().channel().value());
    out.text(entry.gateway().value());
    out.int64(entry.from());
    return out.toByteArray();
  }

  private byte[] entryValue(Entry entry) {
    BinaryWriter out = versioned();
    // An end is past its beginning, so 0 is free to mean none.
    out.varint(entry.isOpen() ? NO_END : entry.to());
    return ended(out);
  }

  private static Entry entry(BinaryReader key, BinaryReader in) {
    ChannelName channel = new ChannelName(new TenantId(key.text()), new Channel(key.text()));
    GatewayId gateway = new GatewayId(key.text());
    long from = key.int64();
    long to = in.varint();
    return new Entry(channel, gateway, from, to == NO_END ? Entry.OPEN : to);
  }

  private static byte[] memberKey(ChannelName channel, ConnectionId connection) {
    BinaryWriter out = new BinaryWriter();
    out.octet(MEMBER);
    out.text(channel.tenant().value());
    out.text(channel.channel().value());
    out.text(connection.value());
    return out.toByteArray();
  }

  private byte[] memberValue(Member member) {
    BinaryWriter out = versioned();
    out.text(member.user().value());
    out.text(member.gateway().value());
    out.varint(member.generation());
    out.varint(member.confirmedAt());
    return ended(out);
  }

  private static Member member(BinaryReader key, BinaryReader in) {
    return new Member(
        new ChannelName(new TenantId(key.text()), new Channel(key.text())),
        new ConnectionId(key.text()),
        new UserId(in.text()),
        new GatewayId(in.text()),
        in.varint(),
        in.varint());
  }

  private byte[] chain(Chain chain) {
    BinaryWriter out = versioned();
    out.zigzag(chain.start());
    out.zigzag(chain.last());
    return ended(out);
  }

  private static byte[] originKey(Origins.Forwarded forwarded) {
    BinaryWriter out = new BinaryWriter();
    out.octet(ORIGIN);
    out.varint(forwarded.source());
    return out.toByteArray();
  }

  private byte[] originValue(Origins.Forwarded forwarded) {
    BinaryWriter out = versioned();
    out.varint(forwarded.offset());
    out.varint(forwarded.home());
    return ended(out);
  }

  private BinaryWriter versioned() {
    BinaryWriter out = new BinaryWriter();
    out.octet(version.octet());
    return out;
  }

  private byte[] ended(BinaryWriter out) {
    version.end(out);
    return out.toByteArray();
  }
}
