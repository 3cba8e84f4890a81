package io.lqrealtime.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.TenantId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ChannelDigestTest {
  private static final TenantId ACME = new TenantId("acme");

  private static long digest(List<String> channels) {
    long digest = ChannelDigest.EMPTY;
    for (String channel : channels) {
      digest = ChannelDigest.toggle(digest, ACME, new Channel(channel));
    }
    return digest;
  }

  private static List<String> channels(int count) {
    List<String> channels = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      channels.add("room." + i);
    }
    return channels;
  }

  @Test
  void toggle_anyOrder_isTheSameDigest() {
    List<String> channels = channels(500);
    long digest = digest(channels);
    Collections.shuffle(channels, new Random(3));

    assertThat(digest(channels)).isEqualTo(digest).isNotEqualTo(ChannelDigest.EMPTY);
  }

  @Test
  void toggle_twice_isUndone() {
    long digest = digest(List.of("a", "b", "c", "b"));

    assertThat(digest).isEqualTo(digest(List.of("a", "c")));
    assertThat(digest(List.of("a", "a"))).isEqualTo(ChannelDigest.EMPTY);
  }

  @Test
  void toggle_anyChannelLost_isAnotherDigest() {
    List<String> channels = channels(500);
    Set<Long> seen = new HashSet<>();
    seen.add(digest(channels));
    for (int i = 0; i < channels.size(); i++) {
      List<String> without = new ArrayList<>(channels);
      without.remove(i);
      assertThat(seen.add(digest(without))).as("without %d", i).isTrue();
    }
  }
}
