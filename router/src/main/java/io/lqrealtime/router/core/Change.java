package io.lqrealtime.router.core;

import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.GatewayId;

/**
 * A step of the state. Applied to the {@link Directory} in memory and, written by {@link
 * StateCodec}, to the stores that it is restored from. Each is absolute, not relative, so that
 * applying it twice is applying it once.
 */
public sealed interface Change {
  /** Opens an entry, or closes it if the entry has an end. */
  record PutEntry(Entry entry) implements Change {}

  /** Forgets a closed entry. */
  record RemoveEntry(Entry entry) implements Change {}

  /** The gateway's state; if it begins a new chain, whatever was open before that ends there. */
  record PutGateway(GatewayId gateway, GatewayState state) implements Change {}

  /** Forgets a gateway that has been down for long. */
  record RemoveGateway(GatewayId gateway) implements Change {}

  /** Somebody is in a channel, or is confirmed to be. */
  record PutMember(Member member) implements Change {}

  /**
   * Somebody is not in a channel any more.
   *
   * @param offset of the record that says so
   */
  record RemoveMember(ChannelName channel, ConnectionId connection, long offset)
      implements Change {}

  /** How far the gateway's chain has come. */
  record Routed(GatewayId gateway, Chain chain) implements Change {}

  /** A message that came from another partition has been taken. */
  record OriginTaken(Origins.Forwarded forwarded) implements Change {}

  /** As {@link OriginTaken}, of a record that the state was already ahead of: not persisted. */
  record OriginReplayed(Origins.Forwarded forwarded) implements Change {}

  /** The message at this offset belongs into the index. Persisted by {@link IndexSaved}. */
  record Listed(long offset, long channel) implements Change {}

  /** An id was first seen at this offset. Persisted by {@link IdsSaved}. */
  record IdSeen(IdFingerprint id, long offset, long time) implements Change {}

  /** Everything below this offset has been written to the index. */
  record Indexed(long to) implements Change {}

  /** What was listed of a stretch is persisted, as an index record that can be written again. */
  record IndexSaved(Chunk chunk, Effect.Index index) implements Change {}

  /** Ids are persisted; {@code value} is kept, and holds them. */
  record IdsSaved(Chunk chunk, byte[] value) implements Change {}

  /** Forgets the oldest ids, which begin at this offset. */
  record IdsForgotten(long from) implements Change {}

  /** Removes what was persisted of a stretch. */
  record ChunkRemoved(Chunk chunk) implements Change {}
}
