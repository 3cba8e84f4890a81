package io.lqrealtime.gateway.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;

class RefusalsTest {
  private final AtomicLong nanos = new AtomicLong();
  private final Refusals refusals = new Refusals(nanos::get);

  @Test
  void refusal_countsUntilAWriteGoesThrough() {
    refusals.outcome(new TopicAuthorizationException("lq.inbound"));
    assertThat(refusals.current().orElseThrow()).contains("lq.inbound");

    refusals.outcome(null);
    assertThat(refusals.current()).isEmpty();

    refusals.outcome(new SaslAuthenticationException("wrong password"));
    assertThat(refusals.current()).isPresent();
  }

  @Test
  void refusal_thatIsLongAgo_countsNoMore() {
    refusals.outcome(new TopicAuthorizationException("lq.inbound"));
    nanos.addAndGet(Refusals.COUNTS_FOR.toNanos() + 1);

    assertThat(refusals.current()).isEmpty();
  }

  @Test
  void failureThatTimeMends_isNone() {
    refusals.outcome(new NotLeaderOrFollowerException());

    assertThat(refusals.current()).isEmpty();
  }
}
