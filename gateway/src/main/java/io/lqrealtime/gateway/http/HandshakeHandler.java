package io.lqrealtime.gateway.http;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.lqrealtime.gateway.limit.Limit;
import io.lqrealtime.gateway.security.Asker;
import io.lqrealtime.gateway.security.Principal;
import io.lqrealtime.gateway.security.TokenChecks;
import io.lqrealtime.gateway.security.TokenVerifier.Outcome;
import io.lqrealtime.gateway.tenant.Tenants;
import io.lqrealtime.gateway.websocket.Handshake;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.HttpUpgradeListener;
import io.undertow.util.AttachmentKey;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.SameThreadExecutor;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;

/**
 * Everything before the upgrade: the handshake of RFC 6455, the browser's origin, the token, the
 * capacity. A refusal is an HTTP status with a JSON body {@code {"code","message"}}; a token is in
 * no answer and no log.
 *
 * <p>Answers requests of an {@link HttpPort}. Runs on I/O threads and does not block; tokens are
 * verified elsewhere. The listener that takes upgraded sockets over is one for all, and keeps
 * nothing of the exchange.
 */
public final class HandshakeHandler implements HttpHandler {
  private static final String LQ_V1 = "lq.v1";
  private static final String BEARER_SUBPROTOCOL = "bearer.";
  private static final String BEARER = "Bearer ";
  private static final AttachmentKey<Guest> GUEST = AttachmentKey.create(Guest.class);

  /** Seconds after which a client that finds no room may try again, at the least. */
  private static final int RETRY_AFTER = 3;

  /** Seconds over which these tries are spread. */
  private static final int RETRY_SPREAD = 6;

  /** Who may come in, and when. */
  public interface Admission {
    /** Takes a seat for a connection of the principal, if there is one. */
    Tenants.Entry enter(Principal principal);

    /**
     * Lets somebody in who has a seat, now or in turn, or sends them away, at once or when they
     * have waited for too long. One of the two is run, once, on any thread.
     */
    void inTurn(Principal principal, Runnable comeIn, Runnable sendAway);

    /** Counts a handshake that a limit turned away before it could ask for a seat. */
    void limited(Limit limit);

    /** Counts a handshake that came to this outcome. */
    void outcome(String outcome);
  }

  /**
   * Takes an upgraded socket over, on its I/O thread, and the seat with it; both end if this fails.
   */
  @FunctionalInterface
  public interface Upgraded {
    void accept(StreamConnection socket, Guest guest);
  }

  /**
   * Who has come in.
   *
   * @param deflate whether permessage-deflate was negotiated
   */
  public record Guest(Principal principal, Tenants.Seat seat, boolean deflate) {}

  private final TokenChecks tokens;
  private final Set<String> allowedOrigins;
  private final boolean deflate;
  private final Admission admission;
  private final HttpUpgradeListener listener;

  /**
   * @param deflate whether permessage-deflate is agreed to with clients that offer it
   */
  public HandshakeHandler(
      TokenChecks tokens,
      List<String> allowedOrigins,
      boolean deflate,
      Admission admission,
      Upgraded upgraded) {
    this.tokens = tokens;
    this.allowedOrigins = Set.copyOf(allowedOrigins);
    this.deflate = deflate;
    this.admission = admission;
    this.listener = (channel, exchange) -> handOver(exchange, upgraded);
  }

  private static void handOver(HttpServerExchange exchange, Upgraded upgraded) {
    Guest guest = exchange.removeAttachment(GUEST);
    if (guest == null) {
      return; // It ended before, and left its seat.
    }
    StreamConnection socket = UpgradeableConnection.release(exchange);
    try {
      upgraded.accept(socket, guest);
    } catch (RuntimeException e) {
      // For the server the connection has ended, so that nobody else would do this.
      guest.seat().leave();
      IoUtils.safeClose(socket);
      throw e;
    }
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) {
    Handshake.Result result =
        Handshake.check(
            exchange.getRequestMethod().toString(),
            exchange.getProtocol().toString(),
            name -> valuesOf(exchange, name));
    switch (result) {
      case Handshake.Rejected rejected -> {
        rejected
            .headers()
            .forEach(
                (name, value) -> exchange.getResponseHeaders().put(new HttpString(name), value));
        refuse(exchange, rejected.status(), "bad_request", rejected.message());
      }
      case Handshake.Accepted accepted -> authenticate(exchange, accepted);
    }
  }

  /**
   * Of several headers each has to be allowed: who sends two is no browser, and up to something.
   */
  private boolean isFromAllowedOrigin(HttpServerExchange exchange) {
    return allowedOrigins.isEmpty()
        || allowedOrigins.containsAll(valuesOf(exchange, Headers.ORIGIN_STRING));
  }

  private void authenticate(HttpServerExchange exchange, Handshake.Accepted handshake) {
    if (!isFromAllowedOrigin(exchange)) {
      refuse(exchange, 403, "forbidden", "this origin is not allowed");
      return;
    }
    List<String> offered = tokensOf(exchange, handshake.subprotocols());
    if (offered.size() != 1) {
      refuse(
          exchange,
          401,
          "unauthorized",
          offered.isEmpty()
              ? "a token is required: query token, header Authorization: Bearer, or subprotocol"
                  + " bearer.<token>"
              : "the token must come in one place only");
      return;
    }
    UpgradeableConnection.waits(exchange);
    // Out of this call first: an answer that comes at once would else begin within it.
    exchange.dispatch(
        SameThreadExecutor.INSTANCE,
        () ->
            tokens.verify(
                Asker.stranger(exchange.getSourceAddress().getAddress()),
                offered.getFirst(),
                outcome ->
                    exchange.dispatch(
                        exchange.getIoThread(), again -> verified(again, handshake, outcome))));
  }

  private void verified(
      HttpServerExchange exchange, Handshake.Accepted handshake, Optional<Outcome> outcome) {
    if (outcome.isEmpty()) {
      admission.limited(Limit.TOKENS);
      refuseForNow(exchange, reason(Limit.TOKENS));
      return;
    }
    switch (outcome.get()) {
      case Outcome.Refused refused -> refuse(exchange, 401, "unauthorized", refused.message());
      case Outcome.Accepted(Principal principal) -> admit(exchange, handshake, principal);
    }
  }

  private void admit(
      HttpServerExchange exchange, Handshake.Accepted handshake, Principal principal) {
    switch (admission.enter(principal)) {
      case Tenants.Entry.Refused(Limit limit) -> refuseForNow(exchange, reason(limit));
      case Tenants.Entry.Admitted(Tenants.Seat seat) -> {
        exchange.putAttachment(GUEST, new Guest(principal, seat, extension(handshake).isPresent()));
        // Whatever happens before the upgrade: after it the seat is the guest's to leave.
        exchange
            .getConnection()
            .addCloseListener(
                closed -> {
                  if (exchange.removeAttachment(GUEST) != null) {
                    seat.leave();
                  }
                });
        // Out of this call first: who is let in at once would else begin within it.
        exchange.dispatch(
            SameThreadExecutor.INSTANCE,
            () -> {
              HttpHandler upgrade = again -> upgrade(again, handshake);
              HttpHandler refuse = again -> refuseForNow(again, reason(Limit.HANDSHAKES));
              admission.inTurn(
                  principal,
                  () -> exchange.dispatch(exchange.getIoThread(), upgrade),
                  () -> {
                    seat.leave();
                    exchange.dispatch(exchange.getIoThread(), refuse);
                  });
            });
      }
    }
  }

  private static String reason(Limit limit) {
    return switch (limit) {
      case HANDSHAKES, TOKENS -> "too many connect at once: try again";
      case TENANT_CONNECTIONS -> "this tenant has as many connections here as it may have";
      case USER_CONNECTIONS -> "this user has as many connections here as it may have";
      default -> "no capacity here now: try again";
    };
  }

  private void refuseForNow(HttpServerExchange exchange, String why) {
    int seconds = RETRY_AFTER + ThreadLocalRandom.current().nextInt(RETRY_SPREAD);
    exchange.getResponseHeaders().put(Headers.RETRY_AFTER, Integer.toString(seconds));
    refuse(exchange, 503, "unavailable", why);
  }

  private void upgrade(HttpServerExchange exchange, Handshake.Accepted handshake) {
    exchange.setStatusCode(101);
    exchange.getResponseHeaders().put(Headers.UPGRADE, "websocket");
    exchange.getResponseHeaders().put(Headers.CONNECTION, "Upgrade");
    exchange.getResponseHeaders().put(Headers.SEC_WEB_SOCKET_ACCEPT, handshake.accept());
    if (handshake.subprotocols().contains(LQ_V1)) {
      exchange.getResponseHeaders().put(Headers.SEC_WEB_SOCKET_PROTOCOL, LQ_V1);
    }
    extension(handshake)
        .ifPresent(
            answer -> exchange.getResponseHeaders().put(Headers.SEC_WEB_SOCKET_EXTENSIONS, answer));
    exchange.upgradeChannel(listener);
    admission.outcome("accepted");
    exchange.endExchange();
  }

  /** The answer to an offer of permessage-deflate that is agreed to. */
  private Optional<String> extension(Handshake.Accepted handshake) {
    return deflate ? handshake.deflate() : Optional.empty();
  }

  private static List<String> tokensOf(HttpServerExchange exchange, List<String> subprotocols) {
    List<String> tokens = new ArrayList<>(1);
    Map<String, Deque<String>> query = exchange.getQueryParameters();
    Optional.ofNullable(query.get("token")).ifPresent(tokens::addAll);
    HeaderValues authorization = exchange.getRequestHeaders().get(Headers.AUTHORIZATION);
    if (authorization != null) {
      for (String value : authorization) {
        // RFC 9110, 11.1: the scheme's name is case-insensitive. Others are for others: a proxy,
        // say.
        if (value.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
          tokens.add(value.substring(BEARER.length()).strip());
        }
      }
    }
    for (String subprotocol : subprotocols) {
      if (subprotocol.startsWith(BEARER_SUBPROTOCOL)) {
        tokens.add(subprotocol.substring(BEARER_SUBPROTOCOL.length()));
      }
    }
    return tokens;
  }

  private static List<String> valuesOf(HttpServerExchange exchange, String name) {
    HeaderValues values = exchange.getRequestHeaders().get(name);
    return values == null ? List.of() : List.copyOf(values);
  }

  private void refuse(HttpServerExchange exchange, int status, String code, String message) {
    admission.outcome("refused_" + status);
    UpgradeableConnection.isAnswered(exchange);
    // One refusal a connection: who asked again and again and read no answer would fill it, and
    // Undertow would wait without end for room.
    exchange.setPersistent(false);
    exchange.setStatusCode(status);
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
    String text = new String(JsonStringEncoder.getInstance().quoteAsString(message));
    exchange.getResponseSender().send("{\"code\":\"" + code + "\",\"message\":\"" + text + "\"}");
  }
}
