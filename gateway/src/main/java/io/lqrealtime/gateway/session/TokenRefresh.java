package io.lqrealtime.gateway.session;

import io.lqrealtime.frame.ClientFrame;
import io.lqrealtime.frame.ErrorCode;
import io.lqrealtime.frame.ServerFrames;
import io.lqrealtime.gateway.limit.Limit;
import io.lqrealtime.gateway.security.Asker;
import io.lqrealtime.gateway.security.Principal;
import io.lqrealtime.gateway.security.TokenVerifier.Outcome;
import java.util.Optional;

/**
 * A client's newer token, from its frame to the answer. It is verified elsewhere; until that is
 * done the former one counts. One is under way at a time. Confined to the connection's I/O thread.
 */
final class TokenRefresh {
  private final Session session;
  private final Answers answers;
  private final SessionServices services;
  private boolean underWay;

  TokenRefresh(Session session, Answers answers, SessionServices services) {
    this.session = session;
    this.answers = answers;
    this.services = services;
  }

  void refresh(ClientFrame.Refresh request) {
    if (underWay) {
      services.metrics().limited(Limit.TOKENS);
      answers.error(
          request.id(),
          Optional.empty(),
          ErrorCode.RATE_LIMITED,
          "another token of this connection is being verified");
      return;
    }
    underWay = true;
    services
        .tokens()
        .verify(
            new Asker.Connected(session.tenant()),
            request.token(),
            outcome -> session.onIoThread(() -> verified(request.id(), outcome)));
  }

  private void verified(Optional<String> requestId, Optional<Outcome> outcome) {
    underWay = false;
    if (outcome.isEmpty()) {
      services.metrics().limited(Limit.TOKENS);
      answers.error(
          requestId,
          Optional.empty(),
          ErrorCode.UNAVAILABLE,
          "too many tokens are to be verified: try again");
      return;
    }
    switch (outcome.get()) {
      case Outcome.Refused refused -> refuse(requestId, refused.message());
      case Outcome.Accepted(Principal fresh) -> {
        Principal former = session.principal();
        if (!fresh.tenant().equals(former.tenant()) || !fresh.user().equals(former.user())) {
          refuse(requestId, "the token is for another tenant or user");
        } else if (fresh.expiresAt() <= former.expiresAt()) {
          refuse(requestId, "the token does not expire later than the one in use");
        } else {
          session.speaksFor(fresh);
          answers.send(ServerFrames.refreshed(requestId, fresh.expiresAt()));
          session.subscriptions.dropWhatIsNotAllowedAnyMore();
        }
      }
    }
  }

  private void refuse(Optional<String> requestId, String why) {
    answers.error(requestId, Optional.empty(), ErrorCode.FORBIDDEN, why);
  }
}
