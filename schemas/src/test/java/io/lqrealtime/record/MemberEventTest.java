package io.lqrealtime.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.UserId;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class MemberEventTest {
  private static final MemberEvent JOIN =
      new MemberEvent(true, new UserId("Zoë \"Z\""), new ConnectionId("g1-7-1"));

  @Test
  void decode_encoded_isTheSame() {
    MemberEvent leave = new MemberEvent(false, JOIN.user(), JOIN.connection());

    assertThat(MemberEvent.decode(JOIN.encode())).isEqualTo(JOIN);
    assertThat(MemberEvent.decode(leave.encode())).isEqualTo(leave);
  }

  @Test
  void decode_cutShort_isRefused() {
    byte[] whole = JOIN.encode();
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);

      assertThatExceptionOfType(RecordFormatException.class)
          .as("%d bytes", length)
          .isThrownBy(() -> MemberEvent.decode(cut));
    }
  }
}
