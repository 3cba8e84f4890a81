package io.lqrealtime.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.id.TenantId;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TokenQueueTest {
  private static final int MOST = 100;
  private static final Asker ACME = new Asker.Connected(new TenantId("acme"));
  private static final Asker GLOBEX = new Asker.Connected(new TenantId("globex"));

  private final TokenQueue<String> queue = new TokenQueue<>(MOST);

  private static Asker at(String address) throws Exception {
    return Asker.stranger(InetAddress.getByName(address));
  }

  private void fill(Asker asker, String name) {
    for (int i = 0; queue.offer(asker, name + i); i++) {
      assertThat(i).isLessThan(MOST);
    }
  }

  private List<String> poll(int count) {
    List<String> polled = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      polled.add(queue.poll().orElseThrow());
    }
    return polled;
  }

  @Test
  void floodFromOneAddress_keepsNobodyElseWaiting() throws Exception {
    fill(at("192.0.2.1"), "flood-");
    assertThat(queue.offer(at("192.0.2.2"), "newcomer")).isTrue();
    assertThat(queue.offer(ACME, "refresh")).isTrue();

    assertThat(poll(4)).containsExactly("refresh", "flood-0", "newcomer", "flood-1");
  }

  @Test
  void floodOfTheConnected_takesEverySecondTurn_andTenantsTakeTheirs() throws Exception {
    fill(ACME, "flood-");
    queue.offer(GLOBEX, "refresh");
    queue.offer(at("192.0.2.1"), "one");
    queue.offer(at("192.0.2.1"), "two");

    assertThat(poll(6)).containsExactly("flood-0", "one", "refresh", "two", "flood-1", "flood-2");
  }

  @Test
  void asker_mayHaveAsMuchWaitingAsIsLeft_andEveryTokenComesOnce() throws Exception {
    fill(at("192.0.2.1"), "a");
    assertThat(queue.size()).isEqualTo(MOST / 2);
    fill(at("192.0.2.2"), "b");
    fill(ACME, "c");
    int size = queue.size();
    assertThat(size).isEqualTo(MOST / 2 + MOST / 4 + MOST / 8 + 1);

    assertThat(poll(size)).doesNotHaveDuplicates();
    assertThat(queue.poll()).isEqualTo(Optional.empty());
    assertThat(queue.size()).isZero();
  }

  @Test
  void addressesOfOneNetworkOfIpv6_areOneAsker() throws Exception {
    assertThat(at("2001:db8:1:2::1")).isEqualTo(at("2001:db8:1:2:ffff::9"));
    assertThat(at("2001:db8:1:2::1")).isNotEqualTo(at("2001:db8:1:3::1"));
    assertThat(at("192.0.2.1")).isNotEqualTo(at("192.0.2.2"));
  }
}
