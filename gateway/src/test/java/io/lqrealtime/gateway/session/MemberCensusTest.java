package io.lqrealtime.gateway.session;

import static io.lqrealtime.gateway.session.Conversation.ALICE;
import static io.lqrealtime.gateway.session.Conversation.channel;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.gateway.security.Permissions;
import io.lqrealtime.gateway.session.ChannelTable.Member;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemberCensusTest {
  private static final List<String> ROOMS = List.of("room.1", "room.2", "room.3");

  private final FakeInterests interests = new FakeInterests();
  private final Past past = new Past();
  private final ChannelTable table =
      new ChannelTable(interests, Conversation.POSITIONS, past, past, new Counts());
  private final Conversation thread = conversation("thread");
  private final List<String> told = new ArrayList<>();
  private int room = Integer.MAX_VALUE;
  private boolean over;

  MemberCensusTest() {
    ROOMS.forEach(name -> interests.active.put(channel(name), 40L));
  }

  @Test
  void manyAreTold_someAtATime_eachOnce() {
    List<Conversation> clients = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < MemberCensus.SLICE; i++) {
      clients.add(inAllRooms("c" + i));
      for (String name : ROOMS) {
        expected.add("c" + i + " " + name);
      }
    }

    census(clients).run();

    assertThat(told).hasSizeBetween(MemberCensus.SLICE, MemberCensus.SLICE + ROOMS.size());
    thread.ioThreadRuns();
    assertThat(told).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void whoComesAndGoesMeanwhile_isToldByThat_andWhoSubscribesAgainStays() {
    Conversation stays = inAllRooms("stays");
    Conversation again = inAllRooms("again");
    Conversation leaves = inAllRooms("leaves");
    Conversation ends = inAllRooms("ends");
    room = 3;
    MemberCensus census = census(List.of(stays, again, leaves, ends));
    census.run();
    assertThat(told).hasSize(3).allMatch(who -> who.startsWith("stays"));

    again.says("{'type':'subscribe','id':'s','channel':'room.2'}");
    leaves.says("{'type':'unsubscribe','channel':'room.1'}");
    leaves.says("{'type':'unsubscribe','channel':'room.3'}");
    ends.session.end();
    inAllRooms("comes");
    thread.passes(MemberCensus.PAUSE.dividedBy(2));
    assertThat(told).as("before the listener is asked again").hasSize(3);
    room = Integer.MAX_VALUE;
    thread.passes(MemberCensus.PAUSE);

    assertThat(told.subList(3, told.size()))
        .containsExactlyInAnyOrder("again room.1", "again room.2", "again room.3", "leaves room.2");
  }

  @Test
  void whereNobodyWantsToKnowAnyMore_itEnds() {
    room = 0;
    census(List.of(inAllRooms("c1"))).run();
    over = true;
    room = Integer.MAX_VALUE;

    thread.passes(MemberCensus.PAUSE);

    assertThat(told).isEmpty();
  }

  @Test
  void otherPartitions_andThoseWhoWaitForAnAnswer_areNotTold() {
    Conversation client = inAllRooms("c1");
    client.says("{'type':'unsubscribe','channel':'room.3'}");
    client.says("{'type':'subscribe','channel':'unanswered'}");
    BitSet another = new BitSet();
    another.set(interests.partitionOf(channel("room.1")) + 1);

    new MemberCensus(thread, List.of(client.session), another, listener()).run();
    assertThat(told).isEmpty();
    census(List.of(client)).run();

    assertThat(told).containsExactlyInAnyOrder("c1 room.1", "c1 room.2");
  }

  private MemberCensus census(List<Conversation> clients) {
    BitSet partitions = new BitSet();
    partitions.set(interests.partitionOf(channel("room.1")));
    return new MemberCensus(
        thread, clients.stream().map(client -> client.session).toList(), partitions, listener());
  }

  private MemberCensus.Listener listener() {
    return new MemberCensus.Listener() {
      @Override
      public boolean isOver() {
        return over;
      }

      @Override
      public boolean hasRoom() {
        return told.size() < room;
      }

      @Override
      public void tell(Member member) {
        told.add(member.connection() + " " + member.channel().channel());
      }
    };
  }

  private Conversation conversation(String connection) {
    return new Conversation(table, past, connection, Permissions.ofUser(ALICE));
  }

  private Conversation inAllRooms(String connection) {
    Conversation client = conversation(connection);
    ROOMS.forEach(name -> client.says("{'type':'subscribe','channel':'" + name + "'}"));
    assertThat(client.hears()).hasSize(3).allMatch(frame -> frame.contains("'subscribed'"));
    return client;
  }
}
