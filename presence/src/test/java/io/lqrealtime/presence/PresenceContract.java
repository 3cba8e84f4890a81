package io.lqrealtime.presence;

import static io.lqrealtime.presence.Eventually.assertUnavailableWithin;
import static io.lqrealtime.presence.Eventually.eventually;
import static io.lqrealtime.presence.Eventually.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.Place;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import io.lqrealtime.presence.GatewayLeases.Observation;
import io.lqrealtime.presence.GatewayLeases.Renewal;
import io.lqrealtime.presence.PresenceChange.Joined;
import io.lqrealtime.presence.PresenceChange.Left;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every adapter of the presence ports must do. */
public abstract class PresenceContract {
  protected static final TenantId ACME = new TenantId("acme");
  protected static final TenantId OTHER = new TenantId("other.tenant:1/#@=,");
  protected static final Channel ROOM = new Channel("room.1");
  protected static final Channel HALL = new Channel("hall:1/#@=,_-");
  protected static final Owner FIRST = new Owner(new GatewayId("gw-1.a"), 7);
  protected static final Owner FIRST_AGAIN = new Owner(new GatewayId("gw-1.a"), 8);
  protected static final Owner SECOND = new Owner(new GatewayId("gw-2"), 1);
  private static final Duration DEADLINE = Duration.ofSeconds(20);
  protected static final Duration LONG = Duration.ofMinutes(1);

  /** A call is waited for: the machine may stand still for a moment. */
  protected static final Duration PATIENCE = Duration.ofSeconds(10);

  /** A snapshot that must not be there is not waited for as long. */
  protected static final Duration SNAPSHOT_TIMEOUT = Duration.ofSeconds(2);

  protected abstract PresenceDirectory directory();

  protected abstract PresenceMaintenance maintenance();

  protected abstract GatewayLeases leases();

  /** Loses everything, as a flush does. */
  protected abstract void flush();

  /** The store's clock, in epoch milliseconds. */
  protected abstract long storeMillis();

  /** Lets at least this much of the store's time pass. */
  protected abstract void elapse(Duration time);

  protected static Joined joined(Place place, String connection, String user) {
    return new Joined(place, new ConnectionId(connection), new UserId(user), 1_700_000_000_000L);
  }

  protected static Left left(Place place, String connection) {
    return new Left(place, new ConnectionId(connection));
  }

  private ApplyOutcome apply(Owner owner, long stamp, TenantId tenant, PresenceChange... changes) {
    return get(directory().apply(owner, stamp, tenant, List.of(changes)));
  }

  private void holdLease(Owner owner) {
    assertThat(get(leases().renew(owner, LONG, Backlog.NONE))).isInstanceOf(Renewal.Renewed.class);
    saysThatAllIsWritten(owner);
  }

  private void saysThatAllIsWritten(Owner owner) {
    assertThat(get(maintenance().written(owner, get(maintenance().epoch())))).isTrue();
  }

  /** Ends what earlier tests began: nobody is waited for any more, and nothing is there. */
  protected final void beginEmpty() {
    for (Owner owner : List.of(FIRST, SECOND)) {
      Owner last = new Owner(owner.gateway(), 1L << 40);
      holdLease(last);
      get(leases().observe());
      get(leases().release(last));
    }
    get(leases().observe());
    flush();
  }

  private PresenceSnapshot snapshot(TenantId tenant, Place place) {
    return get(directory().snapshot(tenant, place, 1_000));
  }

  private List<String> connections(TenantId tenant, Place place) {
    return snapshot(tenant, place).members().stream()
        .map(member -> member.connection().value())
        .toList();
  }

  // Joins, leaves and what a query shows

  @Test
  void snapshot_channelWithoutMembers_isEmpty() {
    assertThat(snapshot(ACME, ROOM)).isEqualTo(PresenceSnapshot.EMPTY);
  }

  @Test
  void snapshot_afterJoins_showsEveryMemberWithItsUserGatewayAndTime() {
    holdLease(FIRST);
    holdLease(SECOND);
    Joined spaces = joined(ROOM, "c3", "Ada  Lovelace 🦆 <ada@example.org>");
    apply(FIRST, 1, ACME, joined(ROOM, "c1", "alice"), joined(ROOM, "c2", "alice"));
    apply(SECOND, 1, ACME, spaces);

    PresenceSnapshot snapshot = snapshot(ACME, ROOM);

    assertThat(snapshot.connections()).isEqualTo(3);
    assertThat(snapshot.users()).isEqualTo(2);
    assertThat(snapshot.members())
        .containsExactlyInAnyOrder(
            new Member(
                new UserId("alice"), new ConnectionId("c1"), FIRST.gateway(), 1_700_000_000_000L),
            new Member(
                new UserId("alice"), new ConnectionId("c2"), FIRST.gateway(), 1_700_000_000_000L),
            new Member(
                spaces.user(), new ConnectionId("c3"), SECOND.gateway(), 1_700_000_000_000L));
  }

  @Test
  void snapshot_otherTenantOrChannel_showsNothingOfThisOne() {
    holdLease(FIRST);
    apply(FIRST, 1, ACME, joined(ROOM, "c1", "alice"), joined(HALL, "c2", "bob"));
    apply(FIRST, 2, OTHER, joined(HALL, "c3", "carol"));

    assertThat(connections(ACME, ROOM)).containsExactly("c1");
    assertThat(connections(ACME, HALL)).containsExactly("c2");
    assertThat(connections(OTHER, ROOM)).isEmpty();
    assertThat(connections(OTHER, HALL)).containsExactly("c3");
  }

  @Test
  void snapshot_moreMembersThanAskedFor_listsThatManyAndCountsAll() {
    holdLease(FIRST);
    PresenceChange[] joins =
        IntStream.range(0, 150)
            .mapToObj(n -> joined(ROOM, "c" + n, "user" + n % 40))
            .toArray(PresenceChange[]::new);
    apply(FIRST, 1, ACME, joins);

    PresenceSnapshot snapshot = get(directory().snapshot(ACME, ROOM, 10));

    assertThat(snapshot.connections()).isEqualTo(150);
    assertThat(snapshot.users()).isEqualTo(40);
    assertThat(snapshot.members()).hasSize(10).doesNotHaveDuplicates();
    assertThat(get(directory().snapshot(ACME, ROOM, 0)).members()).isEmpty();
  }

  @Test
  void snapshot_moreThanAThousandAskedFor_isRefused() {
    assertThatThrownBy(() -> directory().snapshot(ACME, ROOM, 1_001))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void apply_leave_takesThatConnectionOutOfThatChannelOnly() {
    holdLease(FIRST);
    apply(
        FIRST, 1, ACME, joined(ROOM, "c1", "a"), joined(ROOM, "c2", "b"), joined(HALL, "c1", "a"));
    apply(FIRST, 2, ACME, left(ROOM, "c1"));

    assertThat(connections(ACME, ROOM)).containsExactly("c2");
    assertThat(connections(ACME, HALL)).containsExactly("c1");
  }

  @Test
  void apply_sameBatchTwice_isAppliedOnce() {
    holdLease(FIRST);
    PresenceChange[] batch = {joined(ROOM, "c1", "a"), joined(ROOM, "c2", "b"), left(ROOM, "c2")};
    apply(FIRST, 5, ACME, batch);

    assertThat(apply(FIRST, 5, ACME, batch)).isEqualTo(new ApplyOutcome.Applied());
    assertThat(snapshot(ACME, ROOM).connections()).isEqualTo(1);
  }

  @Test
  void apply_joinAndLeaveInOneBatch_inTheirOrder() {
    holdLease(FIRST);
    apply(FIRST, 1, ACME, joined(ROOM, "c1", "a"), left(ROOM, "c1"));
    apply(FIRST, 2, ACME, left(ROOM, "c2"), joined(ROOM, "c2", "b"));

    assertThat(connections(ACME, ROOM)).containsExactly("c2");
  }

  @Test
  void apply_firstOfAnOwnerInATenant_startsAnewAndLaterOnesDoNot() {
    assertThat(apply(FIRST, 1, ACME, joined(ROOM, "c1", "a")))
        .isEqualTo(new ApplyOutcome.StartedAnew());
    assertThat(apply(FIRST, 2, ACME, left(ROOM, "c1"))).isEqualTo(new ApplyOutcome.Applied());
    assertThat(apply(FIRST, 3, ACME, joined(HALL, "c1", "a")))
        .isEqualTo(new ApplyOutcome.Applied());
    assertThat(apply(FIRST, 4, OTHER, joined(ROOM, "c1", "a")))
        .isEqualTo(new ApplyOutcome.StartedAnew());
    assertThat(apply(FIRST_AGAIN, 5, ACME, joined(ROOM, "c1", "a")))
        .isEqualTo(new ApplyOutcome.StartedAnew());
  }

  @Test
  void apply_afterAFlush_startsAnew() {
    apply(FIRST, 1, ACME, joined(ROOM, "c1", "a"));
    flush();

    assertThat(apply(FIRST, 2, ACME, joined(ROOM, "c2", "b")))
        .isEqualTo(new ApplyOutcome.StartedAnew());
  }

  @Test
  void apply_withALowerStamp_isOvertakenAndChangesNothing() {
    holdLease(FIRST);
    apply(FIRST, 10, ACME, joined(ROOM, "c1", "a"));

    assertThat(apply(FIRST, 9, ACME, left(ROOM, "c1"))).isEqualTo(new ApplyOutcome.Overtaken());
    assertThat(connections(ACME, ROOM)).containsExactly("c1");
  }

  @Test
  void apply_moreChangesThanFitACall_appliesAllInOrder() {
    holdLease(FIRST);
    List<PresenceChange> changes = new ArrayList<>();
    for (int n = 0; n < 3 * PresenceDirectory.MAX_CHANGES_A_CALL + 1; n++) {
      changes.add(joined(new Channel("room." + n % 300), "c" + n, "user" + n));
    }
    changes.add(left(new Channel("room.0"), "c0"));

    assertThat(get(directory().apply(FIRST, 1, ACME, changes)))
        .isEqualTo(new ApplyOutcome.StartedAnew());
    assertThat(connections(ACME, new Channel("room.0"))).containsExactlyInAnyOrder("c300", "c600");
    assertThat(connections(ACME, new Channel("room.1"))).containsExactlyInAnyOrder("c1", "c301");
  }

  // Users

  private static final UserId ALICE = new UserId("alice");

  @Test
  void user_isThereOverAllGatewaysAndConnections_whateverItIsSubscribedTo() {
    holdLease(FIRST);
    holdLease(SECOND);
    apply(FIRST, 1, ACME, joined(ALICE, "c1", "alice"), joined(ROOM, "c1", "alice"));
    apply(SECOND, 1, ACME, joined(ALICE, "c2", "alice"));
    apply(SECOND, 2, OTHER, joined(ALICE, "c3", "alice"));

    PresenceSnapshot alice = snapshot(ACME, ALICE);

    assertThat(alice.connections()).isEqualTo(2);
    assertThat(alice.users()).isEqualTo(1);
    assertThat(connections(ACME, ALICE)).containsExactlyInAnyOrder("c1", "c2");
    assertThat(alice.lastSeen()).isEmpty();
    assertThat(connections(ACME, ROOM)).containsExactly("c1");
  }

  @Test
  void user_whoseIdIsAChannelsName_isNotInThatChannel() {
    holdLease(FIRST);
    UserId room = new UserId(ROOM.value());
    apply(FIRST, 1, ACME, joined(room, "c1", ROOM.value()));

    assertThat(snapshot(ACME, ROOM)).isEqualTo(PresenceSnapshot.EMPTY);
    assertThat(connections(ACME, room)).containsExactly("c1");
  }

  @Test
  void user_whoWasNeverThere_wasNotSeen() {
    assertThat(snapshot(ACME, ALICE)).isEqualTo(PresenceSnapshot.EMPTY);
  }

  @Test
  void user_whoseLastConnectionLeft_wasLastSeenThen_untilTheNextOneComes() {
    holdLease(FIRST);
    holdLease(SECOND);
    long before = storeMillis();
    apply(FIRST, 1, ACME, joined(ALICE, "c1", "alice"), joined(ALICE, "c2", "alice"));
    apply(FIRST, 2, ACME, left(ALICE, "c1"));
    assertThat(snapshot(ACME, ALICE).lastSeen()).as("one is left").isEmpty();

    apply(FIRST, 3, ACME, left(ALICE, "c2"));

    PresenceSnapshot gone = snapshot(ACME, ALICE);
    assertThat(gone.connections()).isZero();
    assertThat(gone.members()).isEmpty();
    assertThat(gone.lastSeen().orElseThrow()).isBetween(before, storeMillis());
    assertThat(snapshot(OTHER, ALICE)).isEqualTo(PresenceSnapshot.EMPTY);

    apply(SECOND, 1, ACME, joined(ALICE, "c3", "alice"));
    assertThat(snapshot(ACME, ALICE).lastSeen()).isEmpty();
    assertThat(connections(ACME, ALICE)).containsExactly("c3");
  }

  @Test
  void user_ofAGatewayThatDied_isGone_andWasLastSeenWhenThatIsSwept() {
    holdLease(FIRST);
    apply(FIRST, 1, ACME, joined(ALICE, "c1", "alice"));
    get(leases().release(FIRST));
    assertThat(snapshot(ACME, ALICE)).isEqualTo(PresenceSnapshot.EMPTY);
    long before = storeMillis();

    get(maintenance().sweep(FIRST));

    assertThat(snapshot(ACME, ALICE).lastSeen().orElseThrow()).isBetween(before, storeMillis());
  }

  @Test
  void channelThatAllHaveLeft_isJustEmpty() {
    holdLease(FIRST);
    apply(FIRST, 1, ACME, joined(ROOM, "c1", "alice"), left(ROOM, "c1"));

    assertThat(snapshot(ACME, ROOM)).isEqualTo(PresenceSnapshot.EMPTY);
  }

  // Whose entries count

  @Test
  void snapshot_ownerWithoutALease_doesNotCount() {
    apply(FIRST, 1, ACME, joined(ROOM, "c1", "a"));
    holdLease(SECOND);
    apply(SECOND, 1, ACME, joined(ROOM, "c2", "b"));

    assertThat(connections(ACME, ROOM)).containsExactly("c2");
    assertThat(snapshot(ACME, ROOM).connections()).isEqualTo(1);
    assertThat(snapshot(ACME, ROOM).users()).isEqualTo(1);
  }

  @Test
  void snapshot_leaseOfAnotherGeneration_doesNotCountTheFormerOnesEntries() {
    holdLease(FIRST);
    apply(FIRST, 1, ACME, joined(ROOM, "c1", "a"), joined(ROOM, "c2", "b"));
    holdLease(FIRST_AGAIN);
    apply(FIRST_AGAIN, 2, ACME, joined(ROOM, "c2", "b"));

    assertThat(connections(ACME, ROOM)).containsExactly("c2");
  }

  @Test
  void snapshot_leaseRanOut_countsAgainOnceItIsRenewed() {
    get(leases().renew(FIRST, Duration.ofMillis(50), Backlog.NONE));
    apply(FIRST, 1, ACME, joined(ROOM, "c1", "a"));
    saysThatAllIsWritten(FIRST);
    elapse(Duration.ofMillis(60));
    assertThat(connections(ACME, ROOM)).isEmpty();

    holdLease(FIRST);
    assertThat(connections(ACME, ROOM)).containsExactly("c1");
  }

  @Test
  void apply_leaveOfAFormerGeneration_doesNotTakeOutTheNewOnesEntry() {
    holdLease(FIRST);
    apply(FIRST, 1, ACME, joined(ROOM, "c1", "a"));
    holdLease(FIRST_AGAIN);
    apply(FIRST_AGAIN, 2, ACME, joined(ROOM, "c1", "a"));
    apply(FIRST, 3, ACME, left(ROOM, "c1"));

    assertThat(connections(ACME, ROOM)).containsExactly("c1");
  }

  // What was lost

  @Test
  void snapshot_whileAGatewayHasNotWrittenAll_isUnavailable() {
    holdLease(SECOND);
    apply(SECOND, 1, ACME, joined(ROOM, "c2", "b"));
    get(leases().renew(FIRST, LONG, Backlog.NONE));

    assertUnavailableWithin(DEADLINE, directory().snapshot(ACME, ROOM, 10));
    apply(FIRST, 1, ACME, joined(ROOM, "c1", "a"));
    saysThatAllIsWritten(FIRST);

    assertThat(connections(ACME, ROOM)).containsExactlyInAnyOrder("c1", "c2");
  }

  @Test
  void snapshot_afterAFlush_isUnavailableUntilEveryGatewayHasWrittenAgain() {
    holdLease(FIRST);
    holdLease(SECOND);
    apply(FIRST, 1, ACME, joined(ROOM, "c1", "a"));
    apply(SECOND, 1, ACME, joined(ROOM, "c2", "b"));
    assertThat(connections(ACME, ROOM)).hasSize(2);

    flush();
    assertUnavailableWithin(DEADLINE, directory().snapshot(ACME, ROOM, 10));
    apply(FIRST, 2, ACME, joined(ROOM, "c1", "a"));
    holdLease(FIRST);
    assertUnavailableWithin(DEADLINE, directory().snapshot(ACME, ROOM, 10));
    apply(SECOND, 2, ACME, joined(ROOM, "c2", "b"));
    holdLease(SECOND);

    assertThat(connections(ACME, ROOM)).containsExactlyInAnyOrder("c1", "c2");
  }

  @Test
  void written_afterAFlush_isRefusedAndCountsInTheNewEpochOnly() {
    holdLease(FIRST);
    String before = get(maintenance().epoch());
    flush();

    assertThat(get(maintenance().written(FIRST, before))).isFalse();
    assertThat(get(leases().renew(FIRST, LONG, Backlog.NONE)))
        .isInstanceOfSatisfying(Renewal.Renewed.class, it -> assertThat(it.whole()).isFalse());
    saysThatAllIsWritten(FIRST);
    assertThat(get(leases().renew(FIRST, LONG, Backlog.NONE)))
        .isInstanceOfSatisfying(Renewal.Renewed.class, it -> assertThat(it.whole()).isTrue());
  }

  @Test
  void written_byAFormerGeneration_doesNotCountForTheNewOne() {
    holdLease(FIRST);

    assertThat(get(leases().renew(FIRST_AGAIN, LONG, Backlog.NONE)))
        .isInstanceOfSatisfying(Renewal.Renewed.class, it -> assertThat(it.whole()).isFalse());
  }

  @Test
  void backlogOfALease_makesCountsOfItsTenantsUnavailable() {
    holdLease(FIRST);
    holdLease(SECOND);
    apply(FIRST, 1, ACME, joined(ROOM, "c1", "alice"));
    apply(FIRST, 2, OTHER, joined(ROOM, "c2", "bob"));
    TenantId third = new TenantId("acm");
    Backlog backlog = new Backlog(false, Set.of(third, OTHER));
    get(leases().renew(SECOND, LONG, backlog));

    assertThat(connections(ACME, ROOM)).containsExactly("c1");
    assertUnavailableWithin(DEADLINE, directory().snapshot(OTHER, ROOM, 10));
    assertUnavailableWithin(DEADLINE, directory().snapshot(third, ROOM, 10));

    get(leases().renew(SECOND, LONG, Backlog.EVERYTHING));
    assertUnavailableWithin(DEADLINE, directory().snapshot(ACME, ROOM, 10));

    get(leases().renew(SECOND, LONG, Backlog.NONE));
    assertThat(connections(ACME, ROOM)).containsExactly("c1");
    assertThat(connections(OTHER, ROOM)).containsExactly("c2");
  }

  @Test
  void backlogOfManyTenants_isKeptForEach() {
    Set<TenantId> many =
        IntStream.range(0, Backlog.MAX_TENANTS)
            .mapToObj(i -> new TenantId("t" + "x".repeat(TenantId.MAX_LENGTH - 3) + (10 + i % 90)))
            .collect(Collectors.toSet());
    holdLease(FIRST);
    get(leases().renew(FIRST, LONG, new Backlog(false, many)));

    assertThat(snapshot(ACME, ROOM).connections()).isZero();
    assertUnavailableWithin(DEADLINE, directory().snapshot(many.iterator().next(), ROOM, 10));
    assertThat(get(leases().observe()).holds(FIRST)).isTrue();
    assertThat(get(leases().release(FIRST))).isTrue();
    assertThat(get(leases().observe()).generations()).isEmpty();
  }

  // Maintenance

  @Test
  void register_isNotedOnce_andSwept() {
    Set<TenantId> many =
        IntStream.range(0, 1_200)
            .mapToObj(i -> new TenantId("tenant" + i))
            .collect(Collectors.toSet());
    get(maintenance().register(FIRST, many));
    get(maintenance().register(FIRST, Set.of(new TenantId("tenant7"), ACME)));
    get(maintenance().register(SECOND, Set.of()));

    assertThat(get(maintenance().tenants(FIRST))).hasSize(1_201).containsAll(many).contains(ACME);
    assertThat(get(maintenance().tenants(SECOND))).isEmpty();
    assertThat(get(maintenance().owners())).contains(FIRST);
    get(maintenance().sweep(FIRST));
    assertThat(get(maintenance().tenants(FIRST))).isEmpty();
  }

  @Test
  void owners_andTenants_nameEveryoneThatHasWrittenAndWasNotSwept() {
    apply(FIRST, 1, ACME, joined(ROOM, "c1", "a"));
    apply(FIRST, 2, OTHER, joined(ROOM, "c1", "a"));
    apply(SECOND, 1, ACME, joined(ROOM, "c2", "a"));

    assertThat(get(maintenance().owners())).containsExactlyInAnyOrder(FIRST, SECOND);
    assertThat(get(maintenance().tenants(FIRST))).containsExactlyInAnyOrder(ACME, OTHER);
    assertThat(get(maintenance().tenants(SECOND))).containsExactly(ACME);
    assertThat(get(maintenance().tenants(FIRST_AGAIN))).isEmpty();
  }

  @Test
  void sweep_removesEverythingOfThatOwnerAndNothingElse() {
    holdLease(FIRST);
    holdLease(SECOND);
    List<PresenceChange> many = new ArrayList<>();
    for (int n = 0; n < 1_000; n++) {
      many.add(joined(n < 500 ? ROOM : new Channel("room." + n), "c" + n, "user" + n));
    }
    get(directory().apply(FIRST, 1, ACME, many));
    apply(FIRST, 2, OTHER, joined(HALL, "c1", "a"));
    apply(SECOND, 1, ACME, joined(ROOM, "mine", "b"));

    get(leases().release(FIRST));
    get(maintenance().sweep(FIRST));

    assertThat(get(maintenance().owners())).containsExactly(SECOND);
    assertThat(get(maintenance().tenants(FIRST))).isEmpty();
    assertThat(connections(ACME, ROOM)).containsExactly("mine");
    assertThat(connections(ACME, new Channel("room.999"))).isEmpty();
    assertThat(connections(OTHER, HALL)).isEmpty();
    assertThat(apply(FIRST, 3, ACME, joined(ROOM, "c1", "a")))
        .isEqualTo(new ApplyOutcome.StartedAnew());
  }

  @Test
  void sweep_ofAFormerGeneration_leavesWhatTheNewOneTookOver() {
    holdLease(FIRST);
    apply(FIRST, 1, ACME, joined(ROOM, "c1", "a"), joined(ROOM, "c2", "b"));
    holdLease(FIRST_AGAIN);
    apply(FIRST_AGAIN, 2, ACME, joined(ROOM, "c1", "a"));

    get(maintenance().sweep(FIRST));

    assertThat(connections(ACME, ROOM)).containsExactly("c1");
    assertThat(get(maintenance().owners())).containsExactly(FIRST_AGAIN);
  }

  @Test
  void sweep_ofAnUnknownOwner_doesNothing() {
    get(maintenance().sweep(FIRST));

    assertThat(get(maintenance().owners())).isEmpty();
  }

  @Test
  void retain_removesWhatWasNotWrittenSinceTheStamp() {
    holdLease(FIRST);
    holdLease(SECOND);
    apply(
        FIRST,
        1,
        ACME,
        joined(ROOM, "stays", "a"),
        joined(ROOM, "goes", "b"),
        joined(HALL, "goes-too", "c"));
    apply(SECOND, 1, ACME, joined(ROOM, "another", "d"));
    apply(FIRST, 10, ACME, joined(ROOM, "stays", "a"), joined(ROOM, "new", "e"));

    get(maintenance().retain(FIRST, ACME, 10, Map.of(ROOM, 2)));

    assertThat(connections(ACME, ROOM)).containsExactlyInAnyOrder("stays", "new", "another");
    assertThat(connections(ACME, HALL)).isEmpty();
  }

  @Test
  void retain_ofManyInOneChannel_removesAllThatAreOld() {
    holdLease(FIRST);
    List<PresenceChange> old = new ArrayList<>();
    for (int n = 0; n < 3_000; n++) {
      old.add(joined(ROOM, "c" + n, "user"));
    }
    get(directory().apply(FIRST, 1, ACME, old));
    get(directory().apply(FIRST, 2, ACME, old.subList(1_000, 1_700)));

    get(maintenance().retain(FIRST, ACME, 2, Map.of(ROOM, 700)));

    assertThat(snapshot(ACME, ROOM).connections()).isEqualTo(700);
    // The directory's own count of them is right too: nothing is looked at the second time.
    get(maintenance().retain(FIRST, ACME, 3, Map.of(ROOM, 700)));
    assertThat(snapshot(ACME, ROOM).connections()).isIn(0, 700);
  }

  // Leases

  @Test
  void renew_first_holdsTheLeaseFromNowOn() {
    assertThat(get(leases().renew(FIRST, LONG, Backlog.NONE)))
        .isInstanceOfSatisfying(Renewal.Renewed.class, it -> assertThat(it.held()).isFalse());
    assertThat(get(leases().renew(FIRST, LONG, Backlog.NONE)))
        .isInstanceOfSatisfying(Renewal.Renewed.class, it -> assertThat(it.held()).isTrue());
    assertThat(get(leases().observe()).generations())
        .containsExactly(Map.entry(FIRST.gateway(), 7L));
  }

  @Test
  void renew_whileANewerGenerationHoldsTheLease_isFenced() {
    holdLease(FIRST_AGAIN);

    assertThat(get(leases().renew(FIRST, LONG, Backlog.NONE)))
        .isInstanceOfSatisfying(Renewal.Fenced.class, it -> assertThat(it.newer()).isEqualTo(8));
    assertThat(get(leases().observe()).holds(FIRST_AGAIN)).isTrue();
  }

  @Test
  void renew_byANewerGeneration_takesTheLeaseOver() {
    holdLease(FIRST);

    assertThat(get(leases().renew(FIRST_AGAIN, LONG, Backlog.NONE)))
        .isInstanceOfSatisfying(Renewal.Renewed.class, it -> assertThat(it.held()).isFalse());
    assertThat(get(leases().observe()).holds(FIRST)).isFalse();
  }

  @Test
  void renew_afterItRanOut_isNotHeldMeanwhile() {
    get(leases().renew(FIRST, Duration.ofMillis(30), Backlog.NONE));
    elapse(Duration.ofMillis(40));

    assertThat(get(leases().renew(FIRST, LONG, Backlog.NONE)))
        .isInstanceOfSatisfying(Renewal.Renewed.class, it -> assertThat(it.held()).isFalse());
  }

  @Test
  void release_ofOwnLease_endsIt() {
    holdLease(FIRST);

    assertThat(get(leases().release(FIRST))).isTrue();
    assertThat(get(leases().observe()).generations()).isEmpty();
    assertThat(get(leases().release(FIRST))).isFalse();
  }

  @Test
  void release_byAnotherGeneration_leavesTheLease() {
    holdLease(FIRST_AGAIN);

    assertThat(get(leases().release(FIRST))).isFalse();
    assertThat(get(leases().observe()).holds(FIRST_AGAIN)).isTrue();
  }

  @Test
  void observe_leaseRanOut_isNotThereAndTheEpochIsTheSame() {
    Observation before = get(leases().observe());
    get(leases().renew(FIRST, Duration.ofMillis(30), Backlog.NONE));
    holdLease(SECOND);
    elapse(Duration.ofMillis(40));

    eventually(
        () ->
            assertThat(get(leases().observe()))
                .isEqualTo(new Observation(before.epoch(), Map.of(SECOND.gateway(), 1L))));
  }

  @Test
  void observe_afterAFlush_hasAnotherEpochWhichStays() {
    holdLease(FIRST);
    Observation before = get(leases().observe());
    flush();
    Observation after = get(leases().observe());

    assertThat(after.epoch()).isNotEqualTo(before.epoch());
    assertThat(after.generations()).isEmpty();
    assertThat(get(leases().renew(FIRST, LONG, Backlog.NONE)).epoch()).isEqualTo(after.epoch());
    assertThat(get(leases().observe()).epoch()).isEqualTo(after.epoch());
  }
}
