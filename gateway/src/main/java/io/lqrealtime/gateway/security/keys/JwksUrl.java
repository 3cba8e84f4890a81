package io.lqrealtime.gateway.security.keys;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/**
 * A JWK Set at a server. Redirects are not followed: keys come from where the operator said. The
 * time given bounds the whole exchange, a body that trickles included. A client is made for each
 * one, so that between them there is neither a thread nor a connection.
 */
final class JwksUrl implements JwksSource {
  private static final BodyHandler<byte[]> BOUNDED =
      info ->
          info.statusCode() == 200
              ? BodySubscribers.limiting(BodySubscribers.ofByteArray(), MAX_BYTES)
              : BodySubscribers.replacing(new byte[0]);

  private final URI uri;

  JwksUrl(URI uri) {
    this.uri = uri;
  }

  @Override
  public byte[] read(Duration within) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .timeout(within)
            .header("Accept", "application/jwk-set+json, application/json")
            .build();
    HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(within)
            .followRedirects(HttpClient.Redirect.NEVER)
            .version(HttpClient.Version.HTTP_1_1)
            .build();
    // Not closed by a try: close() would wait for the exchange that is given up here.
    try {
      CompletableFuture<HttpResponse<byte[]>> answer = client.sendAsync(request, BOUNDED);
      HttpResponse<byte[]> response = answer.get(within.toMillis(), TimeUnit.MILLISECONDS);
      if (response.statusCode() != 200) {
        throw new IOException("it answers with HTTP " + response.statusCode());
      }
      return response.body();
    } catch (TimeoutException e) {
      throw new IOException(noAnswer(within), e);
    } catch (ExecutionException e) {
      throw new IOException(reason(Objects.requireNonNullElse(e.getCause(), e), within), e);
    } finally {
      client.shutdownNow();
    }
  }

  private static String reason(Throwable failure, Duration within) {
    return switch (failure) {
      case HttpTimeoutException _ -> noAnswer(within);
      case ConnectException e when e.getCause() instanceof UnresolvedAddressException ->
          "its host has no address";
      case ConnectException _ -> "it can't be connected to";
      case SSLException e -> "TLS fails: " + e.getMessage();
      case IOException e when String.valueOf(e.getMessage()).contains("exceeds capacity") ->
          "it has more than " + MAX_BYTES + " bytes";
      default -> "it can't be fetched (" + failure.getClass().getSimpleName() + ")";
    };
  }

  private static String noAnswer(Duration within) {
    return "it did not answer in full within " + within.toMillis() + " ms";
  }
}
