package io.lqrealtime.bench.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class PrometheusTextTest {

  private static final PrometheusText PAGE =
      PrometheusText.parse(
          """
          # HELP lq_cpu_seconds_total CPU time by thread group
          # TYPE lq_cpu_seconds_total counter
          lq_cpu_seconds_total{stage="io",} 1.5
          lq_cpu_seconds_total{stage="delivery"} 2.25 1790000000000
          lq_cpu_seconds_total{node="b", stage="io"} 1e-1
          jvm_memory_used_bytes{area="heap",id="G1 \\"Eden\\" {Space}"} 4.194304E6
          jvm_memory_used_bytes{area="nonheap",id="Metaspace"} 3.0E7
          process_cpu_time_ns_total 5.0E9
          broken{a="b 7
          nothing_yet NaN
          upper_bound{le="+Inf"} +Inf
          """);

  @Test
  void sum_addsTheLabelSetsThatMatch() {
    assertThat(PAGE.sum("jvm_memory_used_bytes", Map.of("area", "heap"))).hasValue(4_194_304);
    assertThat(PAGE.sum("process_cpu_time_ns_total")).hasValue(5e9);
    assertThat(PAGE.sum("upper_bound")).hasValue(Double.POSITIVE_INFINITY);
  }

  @Test
  void byLabel_addsUpByItsValues() {
    assertThat(PAGE.byLabel("lq_cpu_seconds_total", "stage"))
        .isEqualTo(Map.of("io", 1.6, "delivery", 2.25));
  }

  @Test
  void whatIsNotThereOrNotANumber_isEmpty() {
    assertThat(PAGE.sum("absent")).isEmpty();
    assertThat(PAGE.sum("nothing_yet")).isEmpty();
    assertThat(PAGE.sum("broken")).isEmpty();
    assertThat(PAGE.byLabel("absent", "x")).isEmpty();
  }
}
