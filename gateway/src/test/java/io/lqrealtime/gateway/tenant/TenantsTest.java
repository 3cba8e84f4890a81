package io.lqrealtime.gateway.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.gateway.limit.Limit;
import io.lqrealtime.gateway.limit.RateLimit;
import io.lqrealtime.gateway.limit.Throttle.Decision;
import io.lqrealtime.gateway.tenant.Tenants.Seat;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import io.lqrealtime.tenant.TenantPolicy;
import io.lqrealtime.tenant.TenantPolicy.Kind;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TenantsTest {
  private static final TenantId ACME = new TenantId("acme");
  private static final TenantId GLOBEX = new TenantId("globex");
  private static final UserId ALICE = new UserId("alice");
  private static final UserId BOB = new UserId("bob");

  private final AtomicLong nanos = new AtomicLong(1);
  private final Tenants tenants =
      new Tenants(4, new TenantLimits(3, 2, 7, 10, new RateLimit(10, 1000), 5000), nanos::get);

  @Test
  void user_hasNoMoreConnectionsThanAllowed_andOthersDo() {
    seat(ACME, ALICE);
    Tenants.Seat second = seat(ACME, ALICE);
    assertThat(refusal(ACME, ALICE)).isEqualTo(Limit.USER_CONNECTIONS);
    second.leave();

    seat(ACME, ALICE);
    seat(ACME, BOB);
  }

  @Test
  void tenant_hasNoMoreConnectionsThanAllowed_andOthersDo() {
    seat(ACME, ALICE);
    seat(ACME, ALICE);
    Tenants.Seat bob = seat(ACME, BOB);
    assertThat(refusal(ACME, BOB)).isEqualTo(Limit.TENANT_CONNECTIONS);
    seat(GLOBEX, BOB);
    bob.leave();

    seat(ACME, BOB);
    assertThat(tenants.connections()).isEqualTo(4);
  }

  @Test
  void gateway_hasNoMoreConnectionsThanItTakes() {
    seat(ACME, ALICE);
    seat(ACME, BOB);
    seat(GLOBEX, ALICE);
    seat(GLOBEX, BOB);

    assertThat(refusal(new TenantId("initech"), ALICE)).isEqualTo(Limit.INSTANCE_CONNECTIONS);
  }

  @Test
  void refusedOnes_takeNoPlace() {
    seat(ACME, ALICE);
    seat(ACME, ALICE);
    for (int i = 0; i < 10; i++) {
      refusal(ACME, ALICE);
    }

    assertThat(tenants.connections()).isEqualTo(2);
    seat(ACME, BOB);
  }

  @Test
  void seatGivenBackTwice_countsOnce() {
    Tenants.Seat alice = seat(ACME, ALICE);
    seat(ACME, BOB);
    alice.leave();
    alice.leave();

    assertThat(tenants.connections()).isEqualTo(1);
  }

  @Test
  void policy_holdsForTenantsThatAreThere_andThatCome_untilItIsTakenBack() {
    seat(ACME, ALICE);
    tenants.use(ACME, connections(1));
    tenants.use(GLOBEX, connections(0));

    assertThat(refusal(ACME, BOB)).isEqualTo(Limit.TENANT_CONNECTIONS);
    assertThat(refusal(GLOBEX, BOB)).isEqualTo(Limit.TENANT_CONNECTIONS);
    assertThat(tenants.policies()).isEqualTo(2);

    tenants.use(ACME, TenantPolicy.DEFAULT);
    tenants.use(GLOBEX, TenantPolicy.DEFAULT);
    seat(ACME, BOB);
    seat(GLOBEX, BOB);
    assertThat(tenants.policies()).isZero();
  }

  @Test
  void policy_leavesWhatItDoesNotSayAsItIs() {
    tenants.use(ACME, connections(1));

    assertThat(tenants.limitsOf(ACME))
        .isEqualTo(new TenantLimits(1, 2, 7, 10, new RateLimit(10, 1000), 5000));
  }

  @Test
  void allConnectionsOfATenant_shareItsRate_andAPolicyChangesIt() {
    Tenant alice = seat(ACME, ALICE).tenant();
    Tenant bob = seat(ACME, BOB).tenant();
    assertThat(passing(alice, 6) + passing(bob, 6)).isEqualTo(10);

    tenants.use(ACME, TenantPolicy.DEFAULT.with(Kind.MESSAGES_PER_SECOND, 3));
    nanos.addAndGet(Duration.ofSeconds(2).toNanos());

    assertThat(passing(alice, 6)).isEqualTo(3);
  }

  @Test
  void answersOfAllItsConnections_areCountedTogether_andAPolicyChangesWhatTheyMayBe() {
    Tenant alice = seat(ACME, ALICE).tenant();
    Tenant bob = seat(ACME, BOB).tenant();
    Tenant other = seat(GLOBEX, BOB).tenant();

    assertThat(alice.isAnswered(4000)).isEqualTo(Decision.PASSES);
    assertThat(bob.isAnswered(6000))
        .isEqualTo(new Decision.Waits(true, Duration.ofSeconds(1).toNanos()));
    assertThat(other.isAnswered(4000)).isEqualTo(Decision.PASSES);

    tenants.use(ACME, TenantPolicy.DEFAULT.with(Kind.ANSWER_BYTES_PER_SECOND, 100_000));
    nanos.addAndGet(Duration.ofSeconds(2).toNanos());
    assertThat(alice.isAnswered(90_000)).isEqualTo(Decision.PASSES);
  }

  @Test
  void subscribesOfAllItsConnections_areCountedTogether_andAPolicyChangesHowManyThereMayBe() {
    Tenant alice = seat(ACME, ALICE).tenant();
    Tenant bob = seat(ACME, BOB).tenant();
    for (int i = 0; i < 5 * Tenant.SUBSCRIBE_REST_SECONDS; i++) {
      assertThat(alice.subscribes()).isEqualTo(Decision.PASSES);
      assertThat(bob.subscribes()).isEqualTo(Decision.PASSES);
    }
    assertThat(alice.subscribes())
        .isEqualTo(new Decision.Waits(false, Duration.ofMillis(100).toNanos()));
    assertThat(seat(GLOBEX, BOB).tenant().subscribes()).isEqualTo(Decision.PASSES);

    tenants.use(ACME, TenantPolicy.DEFAULT.with(Kind.SUBSCRIBES_PER_SECOND, 2));
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    assertThat(alice.subscribes()).isEqualTo(Decision.PASSES);
    assertThat(bob.subscribes()).isEqualTo(Decision.PASSES);
    assertThat(bob.subscribes())
        .isEqualTo(new Decision.Waits(false, Duration.ofMillis(500).toNanos()));
  }

  @Test
  void eachConnection_hasFreeSubscribes_atOnce_andNowAndThen() {
    Seat alice = seat(ACME, ALICE);
    assertThat(freeSubscribes(alice)).isEqualTo(Seat.FREE_SUBSCRIBES);
    assertThat(freeSubscribes(seat(ACME, BOB))).isEqualTo(Seat.FREE_SUBSCRIBES);
    assertThat(freeSubscribes(seat(GLOBEX, BOB))).isEqualTo(Seat.FREE_SUBSCRIBES);

    passes(3 * Seat.FREE_SUBSCRIBE_NANOS);
    assertThat(freeSubscribes(alice)).isEqualTo(3);
  }

  @Test
  void connectionsThatComeAgainAndAgain_haveNoMoreFreeSubscribes_thanThoseThatStay() {
    int free = 0;
    for (int i = 0; i < 50; i++) {
      Seat first = seat(ACME, ALICE);
      Seat second = seat(ACME, BOB);
      free += freeSubscribes(first) + freeSubscribes(second);
      first.leave();
      second.leave();
      tenants.sweep();
    }
    assertThat(free).isEqualTo(2 * Seat.FREE_SUBSCRIBES);

    seat(ACME, ALICE);
    seat(ACME, BOB);
    assertThat(freeSubscribes(seat(ACME, BOB))).as("a third").isEqualTo(Seat.FREE_SUBSCRIBES);
    assertThat(freeSubscribes(seat(GLOBEX, BOB))).isEqualTo(Seat.FREE_SUBSCRIBES);
  }

  @Test
  void whoComes_findsWhatTheOneSpentThatSpentTheLeast_andHasMadeUpForItInTime() {
    Seat alice = seat(ACME, ALICE);
    Seat bob = seat(ACME, BOB);
    freeSubscribes(alice);
    bob.isOrdinarySubscribe();
    bob.isOrdinarySubscribe();
    alice.leave();
    bob.leave();

    assertThat(freeSubscribes(seat(ACME, ALICE))).isEqualTo(Seat.FREE_SUBSCRIBES - 2);
    passes(3 * Seat.FREE_SUBSCRIBE_NANOS);
    assertThat(freeSubscribes(seat(ACME, BOB))).isEqualTo(3);
    assertThat(freeSubscribes(seat(ACME, BOB))).isEqualTo(Seat.FREE_SUBSCRIBES);
  }

  @Test
  void tenantThatHasLeft_findsWhatItSpent_untilItHasMadeUpForIt_andIsForgottenThen() {
    Seat alice = seat(ACME, ALICE);
    freeSubscribes(alice);
    alice.leave();
    passes((Seat.FREE_SUBSCRIBES - 1) * Seat.FREE_SUBSCRIBE_NANOS);
    tenants.sweep();
    assertThat(tenants.present()).isEqualTo(1);
    Seat again = seat(ACME, ALICE);
    assertThat(freeSubscribes(again)).isEqualTo(Seat.FREE_SUBSCRIBES - 1);
    again.leave();

    passes(Seat.FREE_SUBSCRIBES * Seat.FREE_SUBSCRIBE_NANOS);
    tenants.sweep();
    assertThat(tenants.present()).isZero();
    assertThat(freeSubscribes(seat(ACME, ALICE))).isEqualTo(Seat.FREE_SUBSCRIBES);
  }

  @Test
  void threadsThatComeAndGoAtOnce_haveNoMoreFreeSubscribes_thanAsManyConnections()
      throws Exception {
    int connections = 4;
    Tenants crowd =
        new Tenants(
            1000, new TenantLimits(1000, 1000, 1, 1, new RateLimit(1, 1), 5000), nanos::get);
    AtomicInteger free = new AtomicInteger();
    try (ExecutorService threads = Executors.newFixedThreadPool(connections)) {
      for (int i = 0; i < connections; i++) {
        threads.execute(
            () -> {
              for (int j = 0; j < 2000; j++) {
                Seat seat = ((Tenants.Entry.Admitted) crowd.enter(ACME, ALICE)).seat();
                free.addAndGet(freeSubscribes(seat));
                seat.leave();
                crowd.sweep();
              }
            });
      }
      threads.shutdown();
      assertThat(threads.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    }

    assertThat(free.get()).isBetween(Seat.FREE_SUBSCRIBES, connections * Seat.FREE_SUBSCRIBES);
  }

  @Test
  void tenantThatLeavesAndComesBack_isGivenNoNewRate() {
    Tenants.Seat seat = seat(ACME, ALICE);
    assertThat(passing(seat.tenant(), 10)).isEqualTo(10);
    seat.leave();
    tenants.sweep();

    assertThat(passing(seat(ACME, ALICE).tenant(), 10)).isZero();
  }

  @Test
  void tenantThatIsGoneForLong_isForgotten() {
    seat(ACME, ALICE).leave();
    seat(GLOBEX, ALICE);
    nanos.addAndGet(Duration.ofSeconds(6).toNanos());

    tenants.sweep();

    assertThat(tenants.present()).isEqualTo(1);
    assertThat(passing(seat(ACME, ALICE).tenant(), 20)).isEqualTo(10);
  }

  @Test
  void manyThatComeAndGoAtOnce_leaveNothingBehind() throws Exception {
    Tenants crowd =
        new Tenants(
            1000, new TenantLimits(1000, 1000, 1, 1, new RateLimit(1, 1), 5000), nanos::get);
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < 4; i++) {
        threads.execute(
            () -> {
              for (int j = 0; j < 2000; j++) {
                ((Tenants.Entry.Admitted) crowd.enter(ACME, j % 2 == 0 ? ALICE : BOB))
                    .seat()
                    .leave();
                crowd.sweep();
              }
            });
      }
      threads.shutdown();
      assertThat(threads.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    }
    nanos.addAndGet(Duration.ofSeconds(6).toNanos());
    crowd.sweep();

    assertThat(crowd.connections()).isZero();
    assertThat(crowd.present()).isZero();
  }

  private static TenantPolicy connections(int most) {
    return TenantPolicy.DEFAULT.with(Kind.CONNECTIONS, most);
  }

  private Tenants.Seat seat(TenantId tenant, UserId user) {
    return ((Tenants.Entry.Admitted) tenants.enter(tenant, user)).seat();
  }

  private Limit refusal(TenantId tenant, UserId user) {
    return ((Tenants.Entry.Refused) tenants.enter(tenant, user)).limit();
  }

  private static int freeSubscribes(Seat seat) {
    int free = 0;
    while (seat.isOrdinarySubscribe()) {
      free++;
    }
    return free;
  }

  private void passes(long time) {
    nanos.addAndGet(time);
  }

  private static int passing(Tenant tenant, int messages) {
    int passed = 0;
    for (int i = 0; i < messages; i++) {
      if (tenant.publishes(1) instanceof Decision.Passes) {
        passed++;
      }
    }
    return passed;
  }
}
