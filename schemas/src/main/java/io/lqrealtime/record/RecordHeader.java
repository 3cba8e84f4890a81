package io.lqrealtime.record;

/**
 * The record headers of the inbound and the dead-letter topic: all UTF-8 text. Where one is
 * repeated the last counts. The {@code CE_} names are CloudEvents 1.0, Kafka protocol binding,
 * binary content mode.
 */
public final class RecordHeader {
  /** What the record is: {@code message} where absent, else a control record's type. */
  public static final String TYPE = "type";

  public static final String MESSAGE_TYPE = "message";

  /** The channel of a message; goes before {@link #CE_SUBJECT}. */
  public static final String CHANNEL = "channel";

  /** The publisher's id of a message, by which it is delivered once. */
  public static final String ID = "id";

  /** Who published: a user, or what a backend calls itself. */
  public static final String FROM = "from";

  /** The connection a message or presence event came from. */
  public static final String CONNECTION = "connection";

  public static final String GATEWAY = "gateway";

  /** In the tenants topic: where the order lies in the inbound log, as a position. */
  public static final String POSITION = "position";

  /** The MAC of a control record, base64url without padding. */
  public static final String MAC = "mac";

  /**
   * {@code partition@offset} of a message that the router forwarded home from another partition.
   */
  public static final String ORIGIN = "origin";

  public static final String CE_SUBJECT = "ce_subject";
  public static final String CE_ID = "ce_id";
  public static final String CE_SOURCE = "ce_source";

  /** Why a record is in the dead-letter topic: a {@link DeadLetterReason}'s wire name. */
  public static final String DEAD_REASON = "reason";

  /** The reason in words. */
  public static final String DEAD_DETAIL = "detail";

  public static final String DEAD_TOPIC = "origin-topic";
  public static final String DEAD_PARTITION = "origin-partition";
  public static final String DEAD_OFFSET = "origin-offset";

  private RecordHeader() {}
}
