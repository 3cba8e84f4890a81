package io.lqrealtime.presence.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisURI;
import io.lqrealtime.config.ConfigurationException;
import io.lqrealtime.config.Environment;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RedisConfigTest {
  private static RedisConfig from(Map<String, String> values) {
    return RedisConfig.from(new Environment(values));
  }

  private static RedisURI one(RedisConfig config) {
    assertThat(config.servers()).isInstanceOf(RedisServers.One.class);
    return ((RedisServers.One) config.servers()).uri();
  }

  @Test
  void from_emptyEnvironment_givesTheDocumentedDefaults() {
    RedisConfig config = from(Map.of());

    assertThat(one(config).getHost()).isEqualTo("localhost");
    assertThat(one(config).getPort()).isEqualTo(6379);
    assertThat(config.commandTimeout()).isEqualTo(Duration.ofMillis(500));
    assertThat(config.queue()).isEqualTo(4_096);
    assertThat(config.lease()).isEqualTo(Duration.ofSeconds(10));
    assertThat(config.prefix()).isEqualTo("lq");
  }

  @Test
  void from_hostAndPort_areUsedWithoutAUri() {
    RedisConfig config = from(Map.of("REDIS_HOST", "redis.internal", "REDIS_PORT", "7000"));

    assertThat(one(config).getHost()).isEqualTo("redis.internal");
    assertThat(one(config).getPort()).isEqualTo(7000);
  }

  @Test
  void from_uri_goesBeforeHostAndPort() {
    RedisConfig config =
        from(Map.of("REDIS_HOST", "elsewhere", "LQ_REDIS_URI", "rediss://u:secret@here:7001/2"));

    assertThat(one(config).getHost()).isEqualTo("here");
    assertThat(one(config).getPort()).isEqualTo(7001);
    assertThat(one(config).getDatabase()).isEqualTo(2);
    assertThat(one(config).isSsl()).isTrue();
  }

  @Test
  void from_sentinelPassword_isTheSentinelsAlone_andNeedsSome() {
    RedisURI uri =
        one(
            from(
                Map.of(
                    "LQ_REDIS_URI",
                    "redis-sentinel://u:of-data@a:1,b:2/0?sentinelMasterId=main",
                    "LQ_REDIS_SENTINEL_USER",
                    "watcher",
                    "LQ_REDIS_SENTINEL_PASSWORD",
                    "of-sentinel")));

    assertThat(credentials(uri)).isEqualTo("u of-data");
    assertThat(uri.getSentinels())
        .extracting(RedisConfigTest::credentials)
        .containsExactly("watcher of-sentinel", "watcher of-sentinel");
    assertThatThrownBy(() -> from(Map.of("LQ_REDIS_SENTINEL_PASSWORD", "of-sentinel")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("LQ_REDIS_SENTINEL_PASSWORD")
        .hasMessageNotContaining("of-sentinel");
    assertThatThrownBy(
            () ->
                from(
                    Map.of(
                        "LQ_REDIS_URI",
                        "redis-sentinel://a:1/0?sentinelMasterId=main",
                        "LQ_REDIS_SENTINEL_USER",
                        "watcher")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("LQ_REDIS_SENTINEL_USER");
  }

  private static String credentials(RedisURI uri) {
    RedisCredentials credentials =
        uri.getCredentialsProvider().resolveCredentials().block(Duration.ofSeconds(1));
    assertThat(credentials).isNotNull();
    return credentials.getUsername() + " " + new String(credentials.getPassword());
  }

  @Test
  void from_sentinelUri_namesTheSentinelsAndTheMaster() {
    RedisConfig config =
        from(Map.of("LQ_REDIS_URI", "redis-sentinel://s1:26379,s2:26380/0?sentinelMasterId=m"));

    assertThat(one(config).getSentinels()).hasSize(2);
    assertThat(one(config).getSentinelMasterId()).isEqualTo("m");
  }

  @Test
  void from_clusterUri_namesEveryNodeWithItsCredentialsAndTls() {
    RedisConfig config =
        from(Map.of("LQ_REDIS_URI", "rediss-cluster://u:secret@n1:7000,n2:7001,n3:7002"));

    assertThat(config.servers())
        .isInstanceOfSatisfying(
            RedisServers.Cluster.class,
            cluster -> {
              assertThat(cluster.seeds())
                  .extracting(RedisURI::getPort)
                  .containsExactly(7000, 7001, 7002);
              assertThat(cluster.seeds())
                  .extracting(RedisURI::getHost)
                  .containsExactly("n1", "n2", "n3");
              assertThat(cluster.seeds()).allMatch(RedisURI::isSsl);
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rediss://u:hunter2@here:7001/2",
        "redis-sentinel://hunter2@s1:26379/0?sentinelMasterId=m",
        "redis-cluster://u:hunter2@n1:7000,n2:7001"
      })
  void toString_uriWithAPassword_doesNotShowIt(String uri) {
    assertThat(from(Map.of("LQ_REDIS_URI", uri)).toString()).doesNotContain("hunter2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://u:hunter2@here:1",
        "redis://u:hunter2@he re:1",
        "redis://u:hunter2@a:1,b:2",
        "u:hunter2@here",
        "redis-cluster://u:hunter2@:",
        "redis://"
      })
  void from_wrongUri_namesTheKeyAndNotThePassword(String uri) {
    assertThatThrownBy(() -> from(Map.of("LQ_REDIS_URI", uri)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("LQ_REDIS_URI")
        .satisfies(
            error -> {
              StringWriter trace = new StringWriter();
              error.printStackTrace(new PrintWriter(trace));
              assertThat(trace.toString()).doesNotContain("hunter2");
            });
  }

  @ParameterizedTest
  @CsvSource({
    "REDIS_PORT, 0",
    "REDIS_PORT, 65536",
    "LQ_REDIS_COMMAND_TIMEOUT, 9ms",
    "LQ_REDIS_COMMAND_TIMEOUT, 31s",
    "LQ_REDIS_COMMAND_TIMEOUT, soon",
    "LQ_REDIS_QUEUE, 255",
    "LQ_REDIS_QUEUE, 1000001",
    "LQ_LEASE, 1999ms",
    "LQ_LEASE, 301s",
    "LQ_REDIS_PREFIX, a{b}"
  })
  void from_valueOutOfBounds_namesTheKey(String key, String value) {
    assertThatThrownBy(() -> from(Map.of(key, value)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(key);
  }
}
