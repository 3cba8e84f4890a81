package io.lqrealtime.app.order;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lqrealtime.id.Position;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.record.ControlKey;
import io.lqrealtime.record.FormatVersion;
import io.lqrealtime.tenant.TenantOrder;
import io.lqrealtime.tenant.TenantPolicy;
import io.lqrealtime.tenant.TenantPolicy.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** A policy that others change at the same time, as they stand in the log. */
class PolicyDeskTest {
  private static final TenantId ACME = new TenantId("acme");
  private static final OrderDesk.Seal SEAL =
      new OrderDesk.Seal(
          new ControlKey("x".repeat(32).getBytes(UTF_8)), List.of(), FormatVersion.FIRST);

  /** A log in memory; what others do before each append is said beforehand. */
  private static final class Log implements PolicyLog {
    private final TenantPolicy last;
    private final List<List<TenantPolicy>> others;
    private final List<TenantPolicy> appended = new ArrayList<>();

    Log(TenantPolicy last, List<List<TenantPolicy>> others) {
      this.last = last;
      this.others = others;
    }

    @Override
    public TenantPolicy last() {
      return last;
    }

    @Override
    public Appended append(TenantPolicy policy, PolicyChange change) {
      List<TenantPolicy> before =
          appended.size() < others.size() ? others.get(appended.size()) : List.of();
      appended.add(policy);
      return new Appended(
          new TenantOrder.SetPolicy(ACME, "ops", policy),
          Position.parse("local.qzs2bywm.4." + appended.size()),
          before.stream().map(other -> new Other(other, Optional.empty())).toList());
    }

    @Override
    public OrderDesk.Given await(Appended order) {
      return new OrderDesk.Given.Announced(order.order(), order.position());
    }

    @Override
    public void close() {}
  }

  private static TenantPolicy policy(Map<Kind, Integer> limits) {
    return new TenantPolicy(limits);
  }

  private static OrderDesk.Given setChannels(PolicyLog log, int channels) throws Exception {
    return new PolicyDesk((tenant, by, seal) -> log)
        .change(ACME, "ops", policy -> policy.with(Kind.CHANNELS, channels), SEAL);
  }

  @Test
  void change_isMadeToTheLastPolicyInTheLog() throws Exception {
    Log log = new Log(policy(Map.of(Kind.CONNECTIONS, 5)), List.of());

    assertThat(setChannels(log, 9)).isInstanceOf(OrderDesk.Given.Announced.class);
    assertThat(log.appended).containsExactly(policy(Map.of(Kind.CONNECTIONS, 5, Kind.CHANNELS, 9)));
  }

  @Test
  void whatOthersPutBefore_isInTheNextOne_whoeverKnewOfWhom() throws Exception {
    Log log =
        new Log(
            policy(Map.of(Kind.CONNECTIONS, 5, Kind.BYTES_PER_SECOND, 2000)),
            List.of(
                List.of(
                    // One sets the messages, the next does not know of it and resets all.
                    policy(
                        Map.of(
                            Kind.CONNECTIONS,
                            5,
                            Kind.BYTES_PER_SECOND,
                            2000,
                            Kind.MESSAGES_PER_SECOND,
                            7)),
                    policy(Map.of(Kind.CONNECTIONS, 5))),
                List.of(policy(Map.of(Kind.CONNECTIONS, 6, Kind.BYTES_PER_SECOND, 2000)))));

    OrderDesk.Given given = setChannels(log, 9);

    assertThat(log.appended.subList(1, 3))
        .containsExactly(
            policy(Map.of(Kind.CONNECTIONS, 5, Kind.MESSAGES_PER_SECOND, 7, Kind.CHANNELS, 9)),
            policy(Map.of(Kind.CONNECTIONS, 6, Kind.MESSAGES_PER_SECOND, 7, Kind.CHANNELS, 9)));
    assertThat(given.position().offset()).isEqualTo(3);
  }

  @Test
  void othersWhoWantTheSame_causeNoOtherOrder() throws Exception {
    Log log = new Log(TenantPolicy.DEFAULT, List.of(List.of(policy(Map.of(Kind.CHANNELS, 3)))));

    setChannels(log, 9);

    assertThat(log.appended).containsExactly(policy(Map.of(Kind.CHANNELS, 9)));
  }

  @Test
  void changesWithoutEnd_areGivenUp_andItIsSaidWhatToDo() {
    List<List<TenantPolicy>> others = new ArrayList<>();
    for (int i = 1; i <= 20; i++) {
      others.add(List.of(policy(Map.of(Kind.CONNECTIONS, i))));
    }
    Log log = new Log(TenantPolicy.DEFAULT, others);

    assertThatThrownBy(() -> setChannels(log, 9))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("again and again")
        .hasMessageContaining("lq tenants show acme");
    assertThat(log.appended).hasSize(PolicyDesk.MOST_CHANGES);
  }

  /** A log that several change at once, each in a thread of its own. */
  private static final class SharedLog {
    private final List<PolicyLog.Other> orders = new ArrayList<>();

    synchronized int size() {
      return orders.size();
    }

    synchronized TenantPolicy last() {
      return orders.isEmpty() ? TenantPolicy.DEFAULT : orders.getLast().policy();
    }

    synchronized List<PolicyLog.Other> append(PolicyLog.Other order, int seen) {
      List<PolicyLog.Other> others = List.copyOf(orders.subList(seen, orders.size()));
      orders.add(order);
      return others;
    }

    PolicyLog open() {
      return new PolicyLog() {
        private int seen;

        @Override
        public synchronized TenantPolicy last() {
          synchronized (SharedLog.this) {
            seen = size();
            return SharedLog.this.last();
          }
        }

        @Override
        public synchronized Appended append(TenantPolicy policy, PolicyChange change) {
          synchronized (SharedLog.this) {
            PolicyChange read = PolicyChange.parse(change.text()).orElseThrow();
            List<Other> others = SharedLog.this.append(new Other(policy, Optional.of(read)), seen);
            seen = size();
            return new Appended(
                new TenantOrder.SetPolicy(ACME, "ops", policy),
                Position.parse("local.qzs2bywm.4." + seen),
                others);
          }
        }

        @Override
        public OrderDesk.Given await(Appended order) {
          return new OrderDesk.Given.Announced(order.order(), order.position());
        }

        @Override
        public void close() {}
      };
    }
  }

  @Test
  void manyWhoChangeItAtOnce_undoNothingOfEachOthers() throws Exception {
    for (int round = 0; round < 300; round++) {
      SharedLog log = new SharedLog();
      List<Future<OrderDesk.Given>> all = new ArrayList<>();
      CyclicBarrier together = new CyclicBarrier(Kind.values().length);
      try (ExecutorService threads = Executors.newCachedThreadPool()) {
        for (Kind kind : Kind.values()) {
          all.add(
              threads.submit(
                  () -> {
                    together.await();
                    return new PolicyDesk((tenant, by, seal) -> log.open())
                        .change(ACME, "ops", policy -> policy.with(kind, 5000), SEAL);
                  }));
        }
        for (Future<OrderDesk.Given> each : all) {
          assertThat(each.get()).isInstanceOf(OrderDesk.Given.Announced.class);
        }
      }
      assertThat(log.last().limits()).as("round " + round).hasSize(Kind.values().length);
    }
  }

  @Test
  void limitThatIsGivenUp_staysSo_whereOthersDidNotKnow() throws Exception {
    TenantPolicy base = policy(Map.of(Kind.CONNECTIONS, 5, Kind.CHANNELS, 3));
    PolicyChange givenUp = PolicyChange.between(base, policy(Map.of(Kind.CHANNELS, 3)));
    assertThat(givenUp.text()).isEqualTo("connections=");
    assertThat(PolicyChange.parse(givenUp.text())).contains(givenUp);
    PolicyChange highest =
        PolicyChange.between(base, base.with(Kind.MESSAGES_PER_SECOND, TenantPolicy.HIGHEST_RATE));
    assertThat(PolicyChange.parse(highest.text())).contains(highest);
    assertThat(PolicyChange.parse("connections=9999999999")).isEmpty();
    assertThat(PolicyChange.parse("connections=x")).isEmpty();
    assertThat(PolicyChange.parse("rooms=1")).isEmpty();
    assertThat(PolicyChange.parse("")).contains(new PolicyChange(Map.of()));
  }
}
