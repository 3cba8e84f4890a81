package io.lqrealtime.gateway.session;

import io.lqrealtime.frame.ClientFrame;
import io.lqrealtime.frame.ErrorCode;
import io.lqrealtime.frame.ServerFrames;
import io.lqrealtime.gateway.limit.Limit;
import io.lqrealtime.gateway.limit.Throttle.Decision;
import io.lqrealtime.gateway.security.Permissions.Action;
import io.lqrealtime.gateway.security.Principal;
import io.lqrealtime.gateway.tenant.Tenant;
import io.lqrealtime.id.Channel;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a client publishes, from its frame to the answer. Confined to the connection's I/O thread. A
 * client that publishes faster than Kafka takes is not read from until half of what it has under
 * way is durable; so is one whose acks would find no memory.
 */
final class Publishing {
  /** Beside the id and the channel's name. */
  private static final int ACK_BYTES = 128;

  private final Session session;
  private final Answers answers;
  private final Tenant tenant;
  private final SessionServices services;
  private final Reads reads;
  private final ClientLink link;
  private int unacked;
  private int ackBytes;
  private boolean full;

  Publishing(
      Session session,
      Answers answers,
      Tenant tenant,
      SessionServices services,
      Reads reads,
      ClientLink link) {
    this.session = session;
    this.answers = answers;
    this.tenant = tenant;
    this.services = services;
    this.reads = reads;
    this.link = link;
  }

  void publish(Principal principal, ClientFrame.Publish frame) {
    Channel channel = frame.channel();
    if (!principal.permissions().allows(Action.PUBLISH, channel)) {
      answers.error(frame.id(), channel, ErrorCode.FORBIDDEN, "not allowed to publish there");
      return;
    }
    int largest = services.limits().maxPayloadBytes();
    if (frame.payload().length > largest) {
      answers.error(
          frame.id(), channel, ErrorCode.TOO_LARGE, "a payload has at most " + largest + " bytes");
      return;
    }
    if (tenant.publishes(frame.payload().length) instanceof Decision.Waits waits) {
      answers.overRate(
          frame.id(),
          Optional.of(channel.value()),
          waits.forBytes() ? Limit.TENANT_BYTES : Limit.TENANT_MESSAGES,
          waits);
      return;
    }
    int ack = ackBytes(frame.id(), channel);
    boolean underWay =
        services
            .publisher()
            .publish(
                new Publisher.Publication(
                    new TenantChannel(principal.tenant(), channel),
                    frame.id(),
                    principal.user(),
                    session.id(),
                    frame.payload()),
                new Answer(frame.id(), channel, ack, services.nanos().getAsLong()));
    if (!underWay) {
      answers.backlogged(frame.id(), channel);
      return;
    }
    // Counted from here on, for it comes whether the client reads or not; its answer comes to this
    // thread, and so after this.
    int _ = link.reserve(ack);
    ackBytes += ack;
    unacked++;
    if (!full && (unacked >= services.limits().maxUnacked() || !link.mayAnswer(ackBytes))) {
      full = true;
      services.metrics().limited(Limit.UNACKED);
      reads.hold();
    }
  }

  /** About what the ack takes in the queue. */
  private static int ackBytes(Optional<String> requestId, Channel channel) {
    return requestId.map(id -> ACK_BYTES + id.length() + channel.value().length()).orElse(0);
  }

  private boolean hasRoom() {
    return unacked <= services.limits().maxUnacked() / 2 && link.mayAnswer(ackBytes);
  }

  /** Brings the outcome of a publish back to the I/O thread, and to the client. */
  private final class Answer implements Publisher.Listener, Runnable {
    private final Optional<String> requestId;
    private final Channel channel;
    private final int ack;
    private final long startedNanos;
    private volatile @Nullable String position;

    Answer(Optional<String> requestId, Channel channel, int ack, long startedNanos) {
      this.requestId = requestId;
      this.channel = channel;
      this.ack = ack;
      this.startedNanos = startedNanos;
    }

    @Override
    public void durable(String position) {
      this.position = position;
      services.metrics().acked(services.nanos().getAsLong() - startedNanos);
      session.onIoThread(ack, this);
    }

    @Override
    public void failed() {
      session.onIoThread(ack, this);
    }

    @Override
    public void run() {
      unacked--;
      ackBytes -= ack;
      if (full && (unacked == 0 || hasRoom())) {
        full = false;
        reads.release();
      }
      String durableAt = position;
      if (durableAt == null) {
        answers.error(requestId, channel, ErrorCode.UNAVAILABLE, "not durable: try again");
      } else if (requestId.isPresent()) {
        answers.send(ServerFrames.ack(requestId.get(), channel, durableAt));
      }
    }
  }
}
