package io.lqrealtime.id;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlaceTest {
  @Test
  void eachPlace_hasANameOfItsOwn_byWhichItIsFound() {
    List<Place> places =
        List.of(
            new Channel("room.1"),
            new UserId("room.1"),
            new Channel("room.1").members(),
            new UserId("room.1!members"),
            new UserId("!room.1"),
            new Channel("user:alice"),
            new UserId("user:alice"));

    assertThat(places).extracting(Place::placeName).doesNotHaveDuplicates();
    assertThat(places).allSatisfy(p -> assertThat(Place.ofName(p.placeName())).isEqualTo(p));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "!", "a b", "!a\u0000"})
  void whatIsNoPlacesName_isRefused(String name) {
    assertThatIllegalArgumentException().isThrownBy(() -> Place.ofName(name));
  }
}
