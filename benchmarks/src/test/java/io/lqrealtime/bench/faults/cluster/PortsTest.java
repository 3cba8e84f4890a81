package io.lqrealtime.bench.faults.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PortsTest {
  private static final int MANY = 500;

  /** None of them is taken by a server before the last has been given out. */
  @Test
  void port_isGivenOutOnce() throws Exception {
    Set<Integer> ports = new HashSet<>();
    for (int i = 0; i < MANY; i++) {
      ports.add(Ports.free());
    }
    assertThat(ports).hasSize(MANY).allMatch(port -> port < 32_768);
  }
}
