package io.lqrealtime.router.core;

/** 128 bits that stand for a message's id, together with its tenant, sender and channel. */
record IdFingerprint(long high, long low) {}
