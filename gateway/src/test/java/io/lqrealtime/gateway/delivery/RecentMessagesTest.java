package io.lqrealtime.gateway.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.gateway.session.Recent.Read;
import io.lqrealtime.gateway.session.TenantChannel;
import io.lqrealtime.id.Channel;
import io.lqrealtime.id.TenantId;
import org.junit.jupiter.api.Test;

class RecentMessagesTest {
  private static final TenantChannel ROOM = channel("room");
  private static final TenantChannel LOBBY = channel("lobby");
  private static final int FRAME = 20;
  private static final int COST = FRAME + RecentMessages.OVERHEAD_BYTES;
  private static final int EVERYTHING = 1 << 20;

  private final RecentMessages recent = new RecentMessages(2, 10 * COST, 4 * COST);

  @Test
  void read_givesWhatIsPastTheCursor_inOrder_andNothingOfOthers() {
    recent.startAt(0, 40);
    add(ROOM, 41, 43, 44);
    add(LOBBY, 45);

    assertThat(offsets(ROOM, 41)).containsExactly(43, 44);
    Read.Messages read = messages(ROOM, 41, EVERYTHING);
    assertThat(read.complete()).isTrue();
    assertThat(read.cursor()).as("as far as the stream has come").isEqualTo(45);
  }

  @Test
  void read_ofAChannelWithoutMessages_isCompleteAsFarAsTheStreamHasCome() {
    recent.startAt(0, 40);
    add(ROOM, 41);
    recent.reached(0, 50);

    Read.Messages read = messages(LOBBY, 40, EVERYTHING);

    assertThat(read.frames()).isEmpty();
    assertThat(read.cursor()).isEqualTo(50);
    assertThat(read.complete()).isTrue();
  }

  @Test
  void read_stopsWhereTheRoomEnds_butGivesOne() {
    recent.startAt(0, 40);
    add(ROOM, 41, 42, 43);

    Read.Messages two = messages(ROOM, 40, FRAME + 1);
    assertThat(two.frames()).hasSize(2);
    assertThat(two.cursor()).isEqualTo(42);
    assertThat(two.complete()).isFalse();
    assertThat(messages(ROOM, 40, 1).frames()).hasSize(1);
  }

  @Test
  void beforeTheFloor_orTheChannelsOwnBeginning_isMissing() {
    recent.startAt(0, 40);
    add(ROOM, 41);

    assertThat(read(ROOM, 39)).isEqualTo(new Read.Missing(40));
    assertThat(recent.read(LOBBY, 0, 45, 50, EVERYTHING)).isEqualTo(new Read.Missing(50));
  }

  @Test
  void theOldest_makesRoom_whosever_itIs() {
    recent.startAt(0, 40);
    add(ROOM, 41);
    add(LOBBY, 42, 43, 44);
    for (int i = 0; i < 7; i++) {
      add(channel("other-" + i), 45 + i);
    }

    assertThat(recent.bytes()).isEqualTo(10 * COST);
    assertThat(read(ROOM, 40)).isEqualTo(new Read.Missing(41));
    assertThat(offsets(LOBBY, 41)).containsExactly(42, 43, 44);
    assertThat(read(LOBBY, 40))
        .as("a floor is for all of the partition")
        .isEqualTo(new Read.Missing(41));
  }

  @Test
  void aChannel_makesRoomForItself_andTakesNobodyElses() {
    recent.startAt(0, 40);
    add(LOBBY, 41);
    add(ROOM, 42, 43, 44, 45, 46, 47);

    assertThat(offsets(LOBBY, 40)).containsExactly(41);
    assertThat(read(ROOM, 42)).isEqualTo(new Read.Missing(43));
    assertThat(offsets(ROOM, 43)).containsExactly(44, 45, 46, 47);
    assertThat(recent.bytes()).isEqualTo(5 * COST);
  }

  @Test
  void aChannelThatKeepsComing_costsNoMoreThanItsBound() {
    recent.startAt(0, 0);
    add(LOBBY, 1);
    for (int offset = 2; offset < 10_000; offset++) {
      add(ROOM, offset);
    }

    assertThat(recent.bytes()).isEqualTo(5 * COST);
    assertThat(offsets(ROOM, 9_995)).containsExactly(9_996, 9_997, 9_998, 9_999);
    assertThat(recent.read(LOBBY, 0, 0, 0, EVERYTHING))
        .isInstanceOfSatisfying(Read.Messages.class, read -> assertThat(read.frames()).hasSize(1));
  }

  @Test
  void anEndedStream_answersNobody_andNeitherDoesTheNextOneItsReaders() {
    recent.startAt(0, 40);
    add(ROOM, 41, 42);
    recent.reached(0, 45);

    recent.stop(0);
    assertThat(read(ROOM, 45)).isEqualTo(new Read.Missing(45));

    recent.startAt(0, -1);
    assertThat(read(ROOM, 45)).as("active since before the end").isEqualTo(new Read.Missing(45));
    add(ROOM, 51);
    assertThat(recent.read(ROOM, 0, 50, 50, EVERYTHING)).isInstanceOf(Read.Messages.class);
  }

  @Test
  void whatIsSentAgain_isKeptOnce() {
    recent.startAt(0, 40);
    add(ROOM, 41, 42, 41, 42, 43);

    assertThat(offsets(ROOM, 40)).containsExactly(41, 42, 43);
  }

  @Test
  void partitions_areApart() {
    recent.startAt(0, 40);
    recent.startAt(1, 70);
    add(ROOM, 41);

    recent.stop(1);

    assertThat(offsets(ROOM, 40)).containsExactly(41);
    assertThat(recent.read(LOBBY, 1, 70, 70, EVERYTHING)).isInstanceOf(Read.Missing.class);
  }

  private void add(TenantChannel channel, int... offsets) {
    for (int offset : offsets) {
      byte[] frame = new byte[FRAME];
      frame[0] = (byte) (offset >>> 8);
      frame[1] = (byte) offset;
      recent.add(channel, 0, offset, frame);
    }
  }

  private int[] offsets(TenantChannel channel, long after) {
    return messages(channel, after, EVERYTHING).frames().stream()
        .mapToInt(frame -> (frame[0] & 0xff) << 8 | frame[1] & 0xff)
        .toArray();
  }

  private Read.Messages messages(TenantChannel channel, long after, int room) {
    return (Read.Messages) recent.read(channel, 0, after, 40, room);
  }

  private Read read(TenantChannel channel, long after) {
    return recent.read(channel, 0, after, 40, EVERYTHING);
  }

  private static TenantChannel channel(String name) {
    return new TenantChannel(new TenantId("acme"), new Channel(name));
  }
}
