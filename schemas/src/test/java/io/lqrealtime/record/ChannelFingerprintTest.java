package io.lqrealtime.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.TenantId;
import org.junit.jupiter.api.Test;

class ChannelFingerprintTest {
  @Test
  void of_partsThatJoinAlike_differ() {
    assertThat(ChannelFingerprint.of(new TenantId("ab"), new Channel("c")))
        .isNotEqualTo(ChannelFingerprint.of(new TenantId("a"), new Channel("bc")));
  }

  /** Gateway and router compare what each computed: all versions must compute alike. */
  @Test
  void of_knownChannel_isTheKnownFingerprint() {
    assertThat(ChannelFingerprint.of(new TenantId("acme"), new Channel("room.1")))
        .isEqualTo(-6909559430325263307L);
  }
}
