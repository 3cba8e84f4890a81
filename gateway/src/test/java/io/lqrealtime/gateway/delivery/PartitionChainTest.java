package io.lqrealtime.gateway.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.gateway.delivery.PartitionChain.Link;
import io.lqrealtime.record.GatewayRecord;
import org.junit.jupiter.api.Test;

class PartitionChainTest {
  private final PartitionChain chain = new PartitionChain();

  @Test
  void beforeTheUpIsAnswered_nothingBelongs() {
    assertThat(chain.message(5, 4)).isEqualTo(Link.NOT_STARTED);
    assertThat(chain.misses(9)).isFalse();
  }

  @Test
  void messagesThatNameTheirPredecessor_followEachOther() {
    chain.start(GatewayRecord.NOTHING);

    assertThat(chain.message(5, GatewayRecord.NOTHING)).isEqualTo(Link.NEXT);
    assertThat(chain.message(9, 5)).isEqualTo(Link.NEXT);
  }

  @Test
  void messageWhosePredecessorDidNotCome_isAfterAGapOnce() {
    chain.start(GatewayRecord.NOTHING);
    chain.message(5, GatewayRecord.NOTHING);

    assertThat(chain.message(9, 7)).isEqualTo(Link.AFTER_A_GAP);
    assertThat(chain.message(10, 9)).isEqualTo(Link.NEXT);
  }

  @Test
  void firstMessageThatNamesAPredecessor_isAfterAGap() {
    chain.start(GatewayRecord.NOTHING);

    assertThat(chain.message(9, 7)).isEqualTo(Link.AFTER_A_GAP);
  }

  @Test
  void messageThatHasBeenHere_isADuplicateWhateverItNames() {
    chain.start(GatewayRecord.NOTHING);
    chain.message(5, GatewayRecord.NOTHING);

    assertThat(chain.message(5, GatewayRecord.UNKNOWN)).isEqualTo(Link.DUPLICATE);
    assertThat(chain.message(3, 2)).isEqualTo(Link.DUPLICATE);
  }

  @Test
  void newMessageOfARouterThatDoesNotKnow_isAfterAGap() {
    chain.start(GatewayRecord.NOTHING);
    chain.message(5, GatewayRecord.NOTHING);

    assertThat(chain.message(6, GatewayRecord.UNKNOWN)).isEqualTo(Link.AFTER_A_GAP);
  }

  @Test
  void heartbeatThatNamesAnOffsetThatDidNotCome_missesItOnce() {
    chain.start(GatewayRecord.NOTHING);
    chain.message(5, GatewayRecord.NOTHING);

    assertThat(chain.misses(5)).isFalse();
    assertThat(chain.misses(GatewayRecord.UNKNOWN)).isFalse();
    assertThat(chain.misses(8)).isTrue();
    assertThat(chain.misses(8)).isFalse();
  }
}
