package io.lqrealtime.gateway.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.gateway.transport.MemoryBudget.Account;
import io.lqrealtime.id.TenantId;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MemoryBudgetTest {
  private static final int BOUND = 64 * 1024;
  private static final int OUTBOUND = 1 << 20;
  private static final int INBOUND = 1000;
  private static final TenantId ACME = new TenantId("acme");
  private static final TenantId GLOBEX = new TenantId("globex");

  private final MemoryBudget budget = new MemoryBudget(OUTBOUND, INBOUND);
  private final Account acme = budget.open(ACME);
  private final Account globex = budget.open(GLOBEX);

  @Test
  void tenantMayHaveAsMuchAsIsLeft() {
    assertThat(acme.unfinished(INBOUND / 2)).isTrue();
    assertThat(acme.unfinished(1)).isFalse();

    assertThat(globex.unfinished(INBOUND / 4)).isFalse();
    assertThat(globex.unfinished(-INBOUND / 4)).isTrue();
    assertThat(globex.unfinished(INBOUND / 4 - 1)).isTrue();
  }

  /** However many use up what they get, there is something left for the next one. */
  @Test
  void tenantsThatTakeWhatTheyGet_haveTheSame_andLeaveThatMuch() {
    Account[] hogs =
        IntStream.range(0, 9)
            .mapToObj(i -> budget.open(new TenantId("hog-" + i)))
            .toArray(Account[]::new);
    int[] kept = new int[hogs.length];
    for (boolean more = true; more; ) {
      more = false;
      for (int i = 0; i < hogs.length; i++) {
        if (hogs[i].unfinished(1)) {
          kept[i]++;
          more = true;
        } else {
          hogs[i].unfinished(-1);
        }
      }
    }

    assertThat(kept).containsOnly(INBOUND / 10);
    assertThat(acme.unfinished(INBOUND / 20)).isTrue();
    assertThat(budget.unfinishedBytes()).isEqualTo(INBOUND * 95 / 100);
  }

  @Test
  void connectionsOfOneTenant_shareItsAccount_untilTheLastHasGone() {
    Account second = budget.open(ACME);
    assertThat(second).isSameAs(acme);
    second.close();
    assertThat(budget.open(ACME)).isSameAs(acme);

    acme.close();
    acme.close();

    assertThat(budget.open(ACME)).isNotSameAs(acme);
  }

  @Test
  void whoHasMoreWaitingThanIsLeft_isHeldToLittle_andNobodyElse() {
    acme.queued(OUTBOUND / 2);
    assertThat(acme.outboundBound(BOUND)).isEqualTo(BOUND);
    acme.queued(1);

    assertThat(acme.outboundBound(BOUND)).isEqualTo(MemoryBudget.TIGHT_BYTES);
    assertThat(acme.outboundBound(1024)).isEqualTo(1024);
    assertThat(globex.outboundBound(BOUND)).isEqualTo(BOUND);
  }

  @Test
  void pastTheBudget_everybodyIsHeldToLittle() {
    acme.queued(OUTBOUND + 1);

    assertThat(globex.outboundBound(BOUND)).isEqualTo(MemoryBudget.TIGHT_BYTES);
    assertThat(globex.reserve(BOUND)).isEqualTo(MemoryBudget.TIGHT_BYTES);
  }

  @Test
  void whatIsSetAside_countsAgainstWhatIsSetAside_andHoldsBackNothingThatWaits() {
    assertThat(acme.reserve(OUTBOUND / 2 + 1)).isEqualTo(OUTBOUND / 2 + 1);

    assertThat(acme.reserve(BOUND)).isEqualTo(MemoryBudget.TIGHT_BYTES);
    assertThat(acme.outboundBound(BOUND)).isEqualTo(BOUND);
    assertThat(globex.reserve(BOUND)).isEqualTo(BOUND);
    assertThat(budget.queuedBytes()).isEqualTo(OUTBOUND / 2 + 1 + MemoryBudget.TIGHT_BYTES + BOUND);
  }

  @Test
  void whatIsSetAside_leavesLittleRoomForFurtherAnswers() {
    assertThat(acme.answersBound(BOUND)).isEqualTo(BOUND);
    acme.reserve(OUTBOUND / 2 + 1);

    assertThat(acme.answersBound(BOUND)).isEqualTo(MemoryBudget.TIGHT_BYTES);
    assertThat(globex.answersBound(BOUND)).isEqualTo(BOUND);
  }

  @Test
  void whatWasSetAside_isGivenBack_alsoAfterTheLastConnection() {
    int granted = acme.reserve(BOUND);
    acme.close();

    acme.release(granted);

    assertThat(budget.queuedBytes()).isZero();
  }
}
