package io.lqrealtime.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RoundRobinQueueTest {
  private final RoundRobinQueue<String, String> queue = new RoundRobinQueue<>();

  @BeforeEach
  void fill() {
    for (int i = 0; i < 4; i++) {
      queue.add("acme", "a" + i);
    }
    queue.add("globex", "g0");
    queue.add("globex", "g1");
    queue.add("initech", "i0");
  }

  private List<String> rest() {
    List<String> rest = new ArrayList<>();
    for (String next = queue.poll(); next != null; next = queue.poll()) {
      rest.add(next);
    }
    return rest;
  }

  @Test
  void ownersTakeTurns_eachInTheOrderInWhichItsThingsCame() {
    assertThat(rest()).containsExactly("a0", "g0", "i0", "a1", "g1", "a2", "a3");
    assertThat(queue.isEmpty()).isTrue();
    assertThat(queue.poll()).isNull();
  }

  @Test
  void whatComesAgain_goesToTheEndOfItsOwners() {
    String first = queue.poll();
    assertThat(first).isEqualTo("a0");
    queue.add("acme", first);

    assertThat(rest()).containsExactly("g0", "i0", "a1", "g1", "a2", "a3", "a0");
  }

  @Test
  void ownerWhoComesBack_waitsForAllOthers() {
    assertThat(List.of(queue.poll(), queue.poll(), queue.poll())).containsExactly("a0", "g0", "i0");
    queue.add("initech", "i1");

    assertThat(rest()).containsExactly("a1", "g1", "i1", "a2", "a3");
  }

  @Test
  void sizes_areThoseOfWhatWaits() {
    assertThat(List.of(queue.size(), queue.size("acme"), queue.size("nobody"), queue.owners()))
        .containsExactly(7, 4, 0, 3);
    assertThat(queue.poll()).isEqualTo("a0");
    assertThat(List.of(queue.size(), queue.size("acme"), queue.owners())).containsExactly(6, 3, 3);
    assertThat(rest()).hasSize(6);
    assertThat(List.of(queue.size(), queue.size("acme"), queue.owners())).containsExactly(0, 0, 0);
  }

  @Test
  void takeWhile_takesTheOldestOfEachOwner_asLongAsTheyFit() {
    List<String> taken = new ArrayList<>();

    queue.takeWhile(item -> item.charAt(1) < '1' || item.equals("g1"), taken::add);

    assertThat(taken).containsExactlyInAnyOrder("a0", "g0", "g1", "i0");
    assertThat(List.of(queue.size(), queue.owners())).containsExactly(3, 1);
    assertThat(rest()).containsExactly("a1", "a2", "a3");
  }
}
