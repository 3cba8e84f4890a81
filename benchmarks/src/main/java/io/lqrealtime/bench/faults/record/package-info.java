/**
 * The history of a run: one file of JSON lines, in an order that is causal, for the judge and for
 * people.
 *
 * <p>Every line has {@code t} (epoch milliseconds), {@code client} (empty for the run's own) and
 * {@code e}, the event:
 *
 * <ul>
 *   <li>{@code connect} ({@code tenant}, {@code user}, {@code gateway}), {@code unreached} ({@code
 *       gateway}, {@code reason}), {@code closed} ({@code code}, {@code reason});
 *   <li>{@code sent} ({@code channel}, {@code id}, {@code digest}, {@code marker}?), written before
 *       the frame is; {@code acked} ({@code channel}, {@code id}, {@code position}); {@code error}
 *       ({@code of}: the request's type, {@code channel}, {@code id}?, {@code code});
 *   <li>{@code subscribe} ({@code channel}, {@code since}: empty for live), {@code subscribed}
 *       ({@code channel}, {@code position}, {@code recovered}, {@code oldest}?, {@code answer}:
 *       whether it was asked for, {@code paged}?: pages of history are read, not a subscription),
 *       {@code live} ({@code channel}, {@code position}), {@code unsubscribed} ({@code channel}),
 *       {@code left} ({@code channel}: for good);
 *   <li>{@code received} ({@code channel}, {@code position}, {@code id}, {@code from}, {@code
 *       digest});
 *   <li>{@code fault} ({@code name}, {@code target}, {@code millis}), {@code note} ({@code text}),
 *       {@code healed}, {@code end}.
 * </ul>
 */
@NullMarked
package io.lqrealtime.bench.faults.record;

import org.jspecify.annotations.NullMarked;
