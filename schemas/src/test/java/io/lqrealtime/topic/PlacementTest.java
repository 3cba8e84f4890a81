package io.lqrealtime.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.TenantId;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.Test;

class PlacementTest {
  private static final Channel CHANNEL = new Channel("room.1");

  @Test
  void home_anyTenant_isWhatKafkasProducerChooses() {
    long seed = 99;
    Random random = new Random(seed);
    String alphabet = "ABCXYZabcxyz019_-.:=@,#/";
    for (int i = 0; i < 5_000; i++) {
      StringBuilder name = new StringBuilder();
      int length = 1 + random.nextInt(TenantId.MAX_LENGTH);
      for (int c = 0; c < length; c++) {
        name.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      int partitions = 1 + random.nextInt(200);
      byte[] key = name.toString().getBytes(StandardCharsets.UTF_8);

      assertThat(new Placement(partitions).home(new TenantId(name.toString()), CHANNEL))
          .as("seed %d, tenant %s, %d partitions", seed, name, partitions)
          .isEqualTo(BuiltInPartitioner.partitionForKey(key, partitions));
    }
  }

  @Test
  void murmur2_anyBytes_isKafkas() {
    long seed = 5;
    Random random = new Random(seed);
    for (int i = 0; i < 5_000; i++) {
      byte[] data = new byte[random.nextInt(64)];
      random.nextBytes(data);
      assertThat(Placement.murmur2(data)).as("seed %d", seed).isEqualTo(Utils.murmur2(data));
    }
  }

  /** The vectors of Kafka's own UtilsTest: they hold whatever client library is on the path. */
  @Test
  void murmur2_knownTexts_areTheKnownHashes() {
    assertThat(Placement.murmur2(ascii("21"))).isEqualTo(-973932308);
    assertThat(Placement.murmur2(ascii("foobar"))).isEqualTo(-790332482);
    assertThat(Placement.murmur2(ascii("a-little-bit-long-string"))).isEqualTo(-985981536);
    assertThat(Placement.murmur2(ascii("a-little-bit-longer-string"))).isEqualTo(-1486304829);
    assertThat(Placement.murmur2(ascii("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8")))
        .isEqualTo(-58897971);
    assertThat(Placement.murmur2(new byte[] {'a', 'b', 'c'})).isEqualTo(479470107);
  }

  @Test
  void home_knownTenants_stayWhereTheyAre() {
    Placement placement = new Placement(16);
    assertThat(placement.home(new TenantId("acme"), CHANNEL)).isEqualTo(4);
    assertThat(placement.home(new TenantId("globex"), CHANNEL)).isEqualTo(15);
  }

  @Test
  void constructor_noPartition_isRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Placement(0));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
