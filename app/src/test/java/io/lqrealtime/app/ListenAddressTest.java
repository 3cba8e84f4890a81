package io.lqrealtime.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lqrealtime.config.ConfigurationException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class ListenAddressTest {
  private static ListenAddress address(String host, int port) {
    return new ListenAddress("X_HOST", "X_PORT", host, port);
  }

  @Test
  void freePort_isFine() {
    assertThatCode(() -> address("127.0.0.1", 0).check()).doesNotThrowAnyException();
  }

  @Test
  void portThatIsTaken_isNamedWithItsKey() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(() -> address("127.0.0.1", taken.getLocalPort()).check())
          .isInstanceOf(ConfigurationException.class)
          .hasMessage(
              "X_PORT: port "
                  + taken.getLocalPort()
                  + " of 127.0.0.1 is in use by another process");
    }
  }

  @Test
  void hostThatIsNoAddress_isNamedWithItsKey() {
    assertThat(address("999.1.1.1", 0).problem().orElseThrow())
        .hasMessage("X_HOST: 999.1.1.1 is no address or host name");
  }

  @Test
  void addressOfAnotherMachine_isNamedWithItsKey() {
    // RFC 5737: an address that no machine has.
    assertThat(address("192.0.2.1", 0).problem().orElseThrow())
        .hasMessage("X_HOST: 192.0.2.1 is no address of this machine");
  }
}
