package io.lqrealtime.bench.command;

import static io.lqrealtime.bench.command.Outcome.bench;
import static io.lqrealtime.bench.command.Outcome.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lqrealtime.bench.attack.Attack;
import io.lqrealtime.bench.standin.StandInGateway;
import io.lqrealtime.bench.standin.StandInGateway.Fault;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class NeighboursCommandTest {

  @TempDir private Path directory;

  /** Goals that hold whatever the machine is busy with: what is tested is the account. */
  private static Outcome shortNeighbours(StandInGateway gateway, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "--rate",
                "200",
                "--warmup",
                "200ms",
                "--window",
                "300ms",
                "--pause",
                "50ms",
                "--rounds",
                "2",
                "--attack-rate",
                "1000",
                "--goal-throughput",
                "0.01",
                "--goal-p50",
                "100000",
                "--goal-p99",
                "100000"));
    args.addAll(List.of(more));
    return bench(gateway, "neighbours", args.toArray(String[]::new));
  }

  @ParameterizedTest
  @EnumSource(Attack.class)
  void besideAnyAttack_accountsForTheQuietTenantInBothKindsOfWindows(Attack attack)
      throws Exception {
    Path file = directory.resolve("report.json");
    try (StandInGateway gateway = new StandInGateway(Fault.NONE)) {
      Outcome outcome =
          shortNeighbours(
              gateway,
              "--attack",
              attack.toString(),
              "--pid",
              "self=" + ProcessHandle.current().pid(),
              "--json",
              file.toString());
      assertThat(outcome.code()).as(outcome.toString()).isZero();
      JsonNode findings = json(file).get("findings");
      // 200 ms and a pause, and twice two windows and a pause.
      assertThat(findings.at("/whole_run/sent").asLong()).isEqualTo(310);
      assertThat(findings.at("/whole_run/delivered").asLong()).isEqualTo(310);
      for (String windows : List.of("/quiet_windows", "/noisy_windows")) {
        assertThat(findings.at(windows + "/client_to_client/count").asLong()).isEqualTo(120);
        assertThat(findings.at(windows + "/publish_to_ack/count").asLong()).isEqualTo(120);
        assertThat(findings.at(windows + "/time_s").asDouble()).isEqualTo(0.6);
        assertThat(findings.at(windows + "/processes/self/cpu_s").asDouble()).isPositive();
      }
      assertThat(findings.at("/noisy_over_quiet/client_to_client_p99").asDouble()).isPositive();
      assertThat(findings.at("/attacker/attack").asText()).isEqualTo(attack.toString());
      assertThat(findings.at("/attacker/let_in").asLong()).isPositive();
      if (attack != Attack.HANDSHAKES) {
        assertThat(findings.at("/attacker/frames_sent").asLong()).isPositive();
      }
    }
  }

  @Test
  void floodOfInvalidFrames_isCountedByErrorAndByClose_andComesBack() throws Exception {
    Path file = directory.resolve("report.json");
    try (StandInGateway gateway = new StandInGateway(Fault.NONE)) {
      Outcome outcome =
          bench(
              gateway,
              "neighbours",
              "--attack",
              "frames",
              "--attack-rate",
              "1000",
              "--attack-connections",
              "1",
              "--rate",
              "200",
              "--warmup",
              "0",
              "--window",
              "3s",
              "--pause",
              "0",
              "--rounds",
              "1",
              "--goal-throughput",
              "0.01",
              "--goal-p50",
              "100000",
              "--goal-p99",
              "100000",
              "--json",
              file.toString());
      assertThat(outcome.code()).as(outcome.toString()).isZero();
      JsonNode attacker = json(file).at("/findings/attacker");
      assertThat(attacker.at("/errors/bad_request").asLong()).isPositive();
      assertThat(attacker.at("/closes/1008").asLong()).isPositive();
      assertThat(attacker.at("/let_in").asLong())
          .as("whoever was closed comes back")
          .isGreaterThan(1);
    }
  }

  @Test
  void stormOfHandshakes_isCountedByStatus() throws Exception {
    Path file = directory.resolve("report.json");
    try (StandInGateway gateway = new StandInGateway(Fault.NONE)) {
      Outcome outcome =
          shortNeighbours(gateway, "--attack", "handshakes", "--json", file.toString());
      assertThat(outcome.code()).as(outcome.toString()).isZero();
      JsonNode attacker = json(file).at("/findings/attacker");
      assertThat(attacker.at("/refused_handshakes/401").asLong()).isPositive();
      assertThat(attacker.at("/let_in").asLong()).isPositive();
      assertThat(attacker.at("/closes")).isEmpty();
    }
  }

  @Test
  void gatewayThatHasThemSuffer_failsTheGoal() {
    try (StandInGateway gateway = new StandInGateway(Fault.UNFAIR)) {
      Outcome outcome =
          bench(
              gateway,
              "neighbours",
              "--attack",
              "frames",
              "--rate",
              "200",
              "--warmup",
              "0",
              "--window",
              "1s",
              "--pause",
              "0",
              "--rounds",
              "1",
              "--goal-throughput",
              "0.01",
              "--attack-rate",
              "200");
      assertThat(outcome.code()).as(outcome.toString()).isEqualTo(1);
      assertThat(outcome.out())
          .contains("FAILED  the neighbour was not felt in the p50: noisy over quiet at most 1.20")
          .contains("ok      no acked message was lost");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "--attack arson, 'need one of publish, frames, pings, fragments, handshakes'",
    "--attack slow --attack-connections 1, a slow attack needs 2 connections",
    "--attack-rate 1000000, the attack's rate must be 1 to 100000",
    "--rounds 0, rounds must be 1 to 100",
    "--window 0, the measured time must be above 0",
    "--token t, two need --secret",
    "--url ws://192.0.2.1/ws, attacks are for gateways on this machine"
  })
  void wrongOptions_areUsageErrorsThatSayWhatIsWrong(String options, String message) {
    List<String> args = new ArrayList<>(List.of("neighbours", "--secret", StandInGateway.SECRET));
    args.addAll(List.of(options.split(" ", -1)));
    Outcome outcome = bench(args.toArray(String[]::new));
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains(message);
  }
}
