package io.lqrealtime.gateway.session;

import io.lqrealtime.frame.ClientFrame;
import io.lqrealtime.frame.ErrorCode;
import io.lqrealtime.frame.ServerFrames;
import io.lqrealtime.gateway.limit.Limit;
import io.lqrealtime.gateway.limit.Throttle.Decision;
import io.lqrealtime.gateway.tenant.Tenants.Seat;
import io.lqrealtime.gateway.websocket.FrameEncoder;
import io.lqrealtime.id.Channel;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What one client is told, and what it is held to for what it does: its rate, its errors, and what
 * its tenant's clients get of answers. Confined to the connection's I/O thread.
 */
final class Answers {
  private static final long NANOS_A_MILLI = 1_000_000;
  private static final Decision.Waits A_MOMENT = new Decision.Waits(true, 1);

  private final Seat seat;
  private final ClientLink link;
  private final SessionServices services;
  private final IoThread ioThread;
  private final Reads reads;
  private final RateGuard rates;
  // What a client that does nothing wrong does not need.
  private @Nullable ErrorLimit errors;

  Answers(Seat seat, ClientLink link, SessionServices services, IoThread ioThread, Reads reads) {
    this.seat = seat;
    this.link = link;
    this.services = services;
    this.ioThread = ioThread;
    this.reads = reads;
    this.rates = new RateGuard(services, reads, ioThread);
  }

  /** Whether the client has erred too often: what it still sends is not looked at. */
  boolean isOver() {
    return errors != null && errors.isOver();
  }

  /** Counts a frame; false, with the frame refused, where the client sends too fast. */
  boolean mayPass(ClientFrame frame, int bytes) {
    if (rates.take(bytes) instanceof Decision.Waits waits) {
      overRate(
          frame.id(),
          Optional.empty(),
          waits.forBytes() ? Limit.CONNECTION_BYTES : Limit.CONNECTION_MESSAGES,
          waits);
      return false;
    }
    return true;
  }

  void send(byte[] json) {
    link.send(FrameEncoder.text(json, 0, json.length));
  }

  /** Queues an encoded frame whatever there is. */
  void push(byte[] frame) {
    link.send(frame);
  }

  /**
   * Whether something that asks for an answer may have one; where its tenant's clients have had far
   * more than their share it is refused.
   */
  boolean mayAsk(Optional<String> requestId, Optional<String> channel) {
    if (seat.tenant().mayBeAnswered() instanceof Decision.Waits waits) {
      overRate(requestId, channel, Limit.ANSWERS, waits);
      return false;
    }
    return true;
  }

  void pong(ClientFrame.Ping ping) {
    if (!mayAsk(ping.id(), Optional.empty())) {
      return;
    }
    byte[] pong = ServerFrames.pong(ping.id(), ping.payload());
    if (link.mayAnswer(pong.length)) {
      send(pong);
      isAnswered(pong.length);
    } else {
      error(ping.id(), Optional.empty(), ErrorCode.UNAVAILABLE, "no memory for so large an answer");
    }
  }

  /**
   * Refuses a frame because others came too fast before it. Frames that were on their way when the
   * client was refused are no further fault of its own, and neither is what others of its tenant
   * do.
   */
  void overRate(
      Optional<String> requestId, Optional<String> channel, Limit limit, Decision.Waits waits) {
    boolean own = limit == Limit.CONNECTION_MESSAGES || limit == Limit.CONNECTION_BYTES;
    boolean counts = own && !rates.isResting();
    long rest = own ? rates.rest(waits) : restForTenant(waits);
    // What is owed for answers may take much longer than a rest.
    long retryAfterMillis =
        limit == Limit.ANSWERS ? Math.max(rest, Math.ceilDiv(waits.nanos(), NANOS_A_MILLI)) : rest;
    services.metrics().limited(limit);
    services.metrics().error(ErrorCode.RATE_LIMITED);
    send(
        ServerFrames.error(
            requestId,
            channel,
            ErrorCode.RATE_LIMITED,
            switch (limit) {
              case CONNECTION_MESSAGES, CONNECTION_BYTES -> "this connection sends too fast";
              case TENANT_SUBSCRIBES -> "the clients of this tenant subscribe too fast";
              case ANSWERS -> "the clients of this tenant ask for too much";
              default -> "the clients of this tenant publish too fast";
            },
            OptionalLong.of(retryAfterMillis)));
    if (counts) {
      countError();
    }
  }

  /**
   * Refuses a publish because the tenant's clients have as much under way as they may: Kafka takes
   * less than they send. No fault of the client's, which is not read from for a while.
   */
  void backlogged(Optional<String> requestId, Channel channel) {
    services.metrics().limited(Limit.TENANT_UNACKED);
    long _ = restForTenant(A_MOMENT);
    error(requestId, channel, ErrorCode.UNAVAILABLE, "not durable: try again");
  }

  /**
   * Counts an answer that no other limit of the tenant's counts. No error where it is too much: the
   * client has its answer, and is not read from for a while; {@link #mayAsk} is for the next.
   */
  void isAnswered(int bytes) {
    if (seat.tenant().isAnswered(bytes) instanceof Decision.Waits waits) {
      services.metrics().limited(Limit.ANSWERS);
      long _ = restForTenant(waits);
    }
  }

  private long restForTenant(Decision.Waits waits) {
    seat.tenant().reachesLimit();
    return rates.restForTenant(waits);
  }

  void error(Optional<String> requestId, Channel channel, ErrorCode code, String message) {
    error(requestId, Optional.of(channel.value()), code, message);
  }

  void error(Optional<String> requestId, Optional<String> channel, ErrorCode code, String message) {
    errorByOthers(requestId, channel, code, message);
    if (code.isClientsFault()) {
      countError();
    }
  }

  /**
   * Tells the client of an error that it could not have avoided, whatever the code says: it is
   * never closed for what others do.
   */
  void errorByOthers(Optional<String> requestId, Channel channel, ErrorCode code, String message) {
    errorByOthers(requestId, Optional.of(channel.value()), code, message);
  }

  void errorByOthers(
      Optional<String> requestId, Optional<String> channel, ErrorCode code, String message) {
    services.metrics().error(code);
    send(ServerFrames.error(requestId, channel, code, message, OptionalLong.empty()));
  }

  private void countError() {
    ErrorLimit counting = errors;
    if (counting == null) {
      counting = new ErrorLimit(services.limits().maxErrorsPerMinute(), services.nanos());
      errors = counting;
    }
    counting.count(reads, ioThread, link);
  }
}
