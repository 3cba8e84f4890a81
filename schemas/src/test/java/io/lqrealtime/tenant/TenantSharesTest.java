package io.lqrealtime.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lqrealtime.id.TenantId;
import org.junit.jupiter.api.Test;

class TenantSharesTest {
  private static final TenantId ACME = new TenantId("acme");
  private static final TenantId GLOBEX = new TenantId("globex");

  private final TenantShares shares = new TenantShares(100);

  private int fill(TenantId tenant) {
    int entered = 0;
    while (shares.enter(tenant)) {
      entered++;
    }
    return entered;
  }

  @Test
  void tenantMayHaveAsManyAsAreLeft() {
    assertThat(fill(ACME)).isEqualTo(50);
    assertThat(fill(GLOBEX)).isEqualTo(25);
    assertThat(shares.taken()).isEqualTo(75);
    assertThat(shares.enter(ACME)).isFalse();
  }

  @Test
  void whatIsAnswered_makesRoom() {
    int all = fill(ACME);
    for (int i = 0; i < all; i++) {
      shares.leave(ACME);
    }
    assertThat(shares.taken()).isZero();
    assertThat(fill(GLOBEX)).isEqualTo(50);
  }

  @Test
  void severalPlaces_areTakenAndGivenBackTogether() {
    assertThat(shares.enter(ACME, 40)).isTrue();
    assertThat(shares.enter(ACME, 11)).isTrue();
    // 51 are its own, 49 are left.
    assertThat(shares.enter(ACME, 1)).isFalse();
    assertThat(shares.enter(GLOBEX, 49)).isTrue();
    assertThat(shares.enter(new TenantId("other"), 1)).isFalse();
    shares.leave(GLOBEX, 49);
    shares.leave(ACME, 40);
    assertThat(shares.taken()).isEqualTo(11);
    assertThat(shares.enter(GLOBEX, 90)).isFalse();
    assertThatThrownBy(() -> shares.leave(ACME, 12)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void placeThatWasNotTaken_cantBeGivenBack() {
    fill(ACME);
    assertThatThrownBy(() -> shares.leave(GLOBEX)).isInstanceOf(IllegalStateException.class);
    assertThat(shares.taken()).isEqualTo(50);
  }
}
