package io.lqrealtime.gateway.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.id.TenantId;
import org.junit.jupiter.api.Test;

class PendingQuestionsTest {
  private static final TenantId ACME = new TenantId("acme");
  private static final TenantId GLOBEX = new TenantId("globex");

  private final PendingQuestions pending = new PendingQuestions(100);

  private int fill(TenantId tenant) {
    int entered = 0;
    while (pending.enter(tenant)) {
      entered++;
    }
    return entered;
  }

  @Test
  void tenantMayHaveAsManyAsAreLeft() {
    assertThat(fill(ACME)).isEqualTo(50);
    assertThat(fill(GLOBEX)).isEqualTo(25);
    assertThat(pending.size()).isEqualTo(75);
    assertThat(pending.enter(ACME)).isFalse();
  }

  @Test
  void whatIsAnswered_makesRoom() {
    int all = fill(ACME);
    for (int i = 0; i < all; i++) {
      pending.leave(ACME);
    }
    assertThat(pending.size()).isZero();
    assertThat(fill(GLOBEX)).isEqualTo(50);
  }
}
