package io.lqrealtime.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.channels.ServerSocketChannel;
import org.junit.jupiter.api.Test;

class FreePortsTest {
  @Test
  void listen_anyPort_isNoneThatAnOutgoingConnectionMayGet() throws Exception {
    try (ServerSocketChannel channel = FreePorts.listen("127.0.0.1", 0)) {
      assertThat(FreePorts.localPort(channel)).isBetween(20_000, 31_999);
    }
  }

  @Test
  void listen_takenPort_namesIt() throws Exception {
    try (ServerSocketChannel taken = FreePorts.listen("127.0.0.1", 0)) {
      int port = FreePorts.localPort(taken);

      assertThatThrownBy(() -> FreePorts.listen("127.0.0.1", port))
          .isInstanceOf(EmbeddedServerException.PortInUse.class)
          .hasMessageContaining(Integer.toString(port));
    }
  }

  @Test
  void listen_unknownHost_isNotTakenForATakenPort() {
    assertThatThrownBy(() -> FreePorts.listen("no-such-host.invalid", 0))
        .isInstanceOf(EmbeddedServerException.Failed.class)
        .hasMessageContaining("no-such-host.invalid");
  }

  @Test
  void probe_leavesThePortFree() throws Exception {
    int port = FreePorts.probe("127.0.0.1", 0);

    FreePorts.listen("127.0.0.1", port).close();
  }
}
