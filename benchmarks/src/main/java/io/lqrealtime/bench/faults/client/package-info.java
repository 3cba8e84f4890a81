/**
 * Clients as the protocol asks them to be, over real connections: publishers that send again under
 * the same id, subscribers that resume with the last position they saw. Whatever they do and see
 * they write into a history.
 */
@NullMarked
package io.lqrealtime.bench.faults.client;

import org.jspecify.annotations.NullMarked;
