package io.lqrealtime.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.id.GatewayId;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectionIdsTest {
  private static final int MANY = 1000;

  @ParameterizedTest
  @ValueSource(ints = {1, 40, 50, 51, GatewayId.MAX_LENGTH})
  void idsAreUnique_andAllowed_howeverLongTheGatewaysIs(int length) {
    String gateway = "g".repeat(length);
    ConnectionIds ids = new ConnectionIds(new GatewayId(gateway));
    Set<String> different = new HashSet<>();
    for (int i = 0; i < MANY; i++) {
      different.add(ids.next().value());
    }

    assertThat(different).hasSize(MANY);
    boolean readable = different.stream().allMatch(id -> id.startsWith(gateway + "-"));
    assertThat(readable).isEqualTo(length <= 50);
  }

  /** Each bound is more than six standard deviations off. */
  @Test
  void idTellsNothingOfTheOnesBefore() {
    ConnectionIds ids = new ConnectionIds(new GatewayId("gw-0"));
    int larger = 0;
    int[] changes = new int[Long.SIZE];
    long former = number(ids);
    for (int i = 0; i < MANY; i++) {
      long next = number(ids);
      larger += Long.compareUnsigned(next, former) > 0 ? 1 : 0;
      for (int bit = 0; bit < Long.SIZE; bit++) {
        changes[bit] += (int) ((next ^ former) >>> bit & 1);
      }
      former = next;
    }

    assertThat(larger).isBetween(MANY / 2 - 100, MANY / 2 + 100);
    for (int changed : changes) {
      assertThat(changed).isBetween(MANY / 2 - 100, MANY / 2 + 100);
    }
  }

  private static long number(ConnectionIds ids) {
    return Long.parseUnsignedLong(ids.next().value().substring("gw-0-".length()), 36);
  }
}
