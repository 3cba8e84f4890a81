package io.lqrealtime.record;

import java.util.Locale;

/** Why a record of the inbound log can't be routed. */
public enum DeadLetterReason {
  /** No key, so no tenant. */
  NO_KEY,
  /** The key is no tenant's name. */
  BAD_KEY,
  /** Neither {@code channel} nor {@code ce_subject}. */
  NO_CHANNEL,
  /** The channel's name is not one. */
  BAD_CHANNEL,
  /** A header is too long, or not UTF-8. */
  BAD_HEADER,
  /** The value is not one JSON text in UTF-8. */
  NOT_JSON,
  /** The value is larger than a message may be. */
  TOO_LARGE,
  /** The {@code type} is neither a message's nor a known control record's. */
  UNKNOWN_TYPE,
  /** A control record without a MAC, or with a wrong one. */
  FORGED_CONTROL,
  /** A control record that can't be read, or is of a newer version. */
  BAD_CONTROL,
  /** A control record on another partition or in another region than it was signed for. */
  MISPLACED_CONTROL,
  /** An order that was appended too long after it was issued, or before, or once more. */
  STALE_CONTROL,
  /** The router itself failed on it. */
  INTERNAL_ERROR;

  /** The name in headers and metrics. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
