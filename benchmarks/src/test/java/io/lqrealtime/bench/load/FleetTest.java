package io.lqrealtime.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.bench.client.WebSocketClient;
import io.lqrealtime.bench.standin.StandInGateway;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FleetTest {

  private static final ConnectPolicy POLICY =
      new ConnectPolicy(5_000, 50, 4, Duration.ofSeconds(60));

  private final RunStats stats = new RunStats(1);

  private List<Fleet.Opening> subscribers(int count) {
    List<Fleet.Opening> openings = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      PublishPlan.Route route = new PublishPlan.Route(0, 1, 1, "c", "t");
      openings.add(new Fleet.Opening(new Subscriber(stats, route, i, false), i));
    }
    return openings;
  }

  private static ConnectResult open(
      List<Fleet.Opening> openings, List<URI> urls, String secret, ConnectPolicy policy) {
    try (WebSocketClient webSockets = WebSocketClient.start()) {
      Fleet fleet =
          new Fleet(
              webSockets,
              new Targets(urls, 4),
              new Tokens.Minted(secret, Duration.ofHours(1), ""),
              policy);
      return fleet.open(openings, new StopSignal());
    }
  }

  @Test
  void aHundredConnections_toTwoGateways_areSpreadEvenly() {
    try (StandInGateway one = new StandInGateway(StandInGateway.Fault.NONE);
        StandInGateway two = new StandInGateway(StandInGateway.Fault.NONE);
        WebSocketClient webSockets = WebSocketClient.start()) {
      Fleet fleet =
          new Fleet(
              webSockets,
              new Targets(List.of(URI.create(one.url()), URI.create(two.url())), 8),
              new Tokens.Minted(StandInGateway.SECRET, Duration.ofHours(1), ""),
              POLICY);
      List<Fleet.Opening> openings = subscribers(100);
      ConnectResult result = fleet.open(openings, new StopSignal());
      assertThat(result.complete()).as(result.toString()).isTrue();
      assertThat(result.readyTimes().getTotalCount()).isEqualTo(100);
      assertThat(one.connections).hasValue(50);
      assertThat(two.connections).hasValue(50);
      Fleet.close(openings.stream().map(Fleet.Opening::client).toList());
    }
  }

  @Test
  void refusalsWith503_areTriedAgain() {
    try (StandInGateway gateway = new StandInGateway(StandInGateway.Fault.NONE)) {
      gateway.refuseNext(15);
      ConnectResult result =
          open(subscribers(20), List.of(URI.create(gateway.url())), StandInGateway.SECRET, POLICY);
      assertThat(result.complete()).as(result.toString()).isTrue();
      assertThat(result.attempts()).isEqualTo(35);
      assertThat(result.failures().values()).containsExactly(15L);
    }
  }

  @Test
  void wrongToken_endsTheOpeningAtOnce_withTheServersWords() {
    try (StandInGateway gateway = new StandInGateway(StandInGateway.Fault.NONE)) {
      ConnectResult result =
          open(
              subscribers(1_000),
              List.of(URI.create(gateway.url())),
              "another-secret-of-more-than-32-bytes",
              POLICY);
      assertThat(result.complete()).isFalse();
      assertThat(result.givenUp()).contains("401").contains("unauthorized");
      assertThat(result.attempts()).isLessThan(200);
    }
  }

  @Test
  void nobodyListening_isTriedAsOftenAsThePolicySays_thenGivenUp() throws Exception {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    ConnectResult result =
        open(
            subscribers(1),
            List.of(URI.create("ws://127.0.0.1:" + free + "/ws")),
            StandInGateway.SECRET,
            new ConnectPolicy(5_000, 50, 4, Duration.ofSeconds(5)));
    assertThat(result.attempts()).isEqualTo(4);
    assertThat(result.givenUp()).contains("4 times");
  }

  @Test
  void silentServer_runsIntoTheReadyTimeout() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      ConnectResult result =
          open(
              subscribers(1),
              List.of(URI.create("ws://127.0.0.1:" + silent.getLocalPort() + "/ws")),
              StandInGateway.SECRET,
              new ConnectPolicy(100, 10, 2, Duration.ofMillis(100)));
      assertThat(result.givenUp()).contains("2 times").contains("not ready in time");
    }
  }
}
