package io.lqrealtime.bench.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ProcessProbeTest {

  @Test
  void kernelsTcpPages_areBytes() {
    assertThat(
            Machine.tcpMemory(
                """
                sockets: used 309
                TCP: inuse 19 orphan 0 tw 197 alloc 265 mem 77
                UDP: inuse 0 mem 5
                """))
        .hasValue(77 * 4096);
    assertThat(Machine.tcpMemory("nothing of the kind")).isEmpty();
  }

  @Test
  void heapInfoOfEachCollector_isTheSumOfTheHeapsParts() {
    String g1 =
        """
        5708:
        garbage-first heap   total reserved 6172672K, committed 28672K, used 4558K [0x01, 0x02)
         region size 4096K, 1 young (4096K), 0 survivors (0K)
        Metaspace       used 9999K, committed 9999K, reserved 9999K
         class space    used 1111K, committed 1111K, reserved 1111K
        """;
    String serial =
        """
        5787:
        DefNew     total 116224K, used 4134K [0x00, 0x01, 0x02)
         eden space 103360K,   4% used [0x00, 0x01, 0x02)
        Tenured    total 258048K, used 3125K [0x00, 0x01, 0x02)
         the  space 258048K,   1% used [0x00, 0x01, 0x02)
        """;
    String z =
        """
        5860:
        ZHeap            used 6M, capacity 378M, max capacity 6028M
         Cache           372M (2)
        """;
    assertThat(ProcessProbe.usedOf(g1)).contains(4558L * 1024);
    assertThat(ProcessProbe.usedOf(serial)).contains(7259L * 1024);
    assertThat(ProcessProbe.usedOf(z)).contains(6L << 20);
    assertThat(ProcessProbe.usedOf("1: nothing of the kind")).isEmpty();
  }

  @Test
  void thisProcess_hasCpuTimeAndALiveHeap() {
    ProcessProbe self = ProcessProbe.of("self=" + ProcessHandle.current().pid());
    assertThat(self.name()).isEqualTo("self");
    assertThat(self.cpuNanos()).isInstanceOf(Reading.Got.class);
    assertThat(self.liveHeapBytes())
        .isInstanceOfSatisfying(
            Reading.Got.class, got -> assertThat((Long) got.value()).isGreaterThan(1 << 20));
  }

  @Test
  void processThatIsGone_isMissingWithAReason() {
    ProcessProbe gone = ProcessProbe.of("999999999");
    assertThat(gone.cpuNanos()).isInstanceOf(Reading.Missing.class);
    assertThat(gone.rssBytes()).isInstanceOf(Reading.Missing.class);
    assertThat(gone.liveHeapBytes()).isInstanceOf(Reading.Missing.class);
  }

  @Test
  void textThatIsNoPid_isRefused() {
    assertThatThrownBy(() -> ProcessProbe.of("gateway=x"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ManagementPage.of("gateway=host"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void coreTime_countsIdleAndWaitingAsNotBusy() {
    Machine.CoreTime from = Machine.coreTime("cpu  100 0 50 800 50 0 0 0 0 0");
    Machine.CoreTime to = Machine.coreTime("cpu  160 0 80 850 60 0 0 0 30 0");
    assertThat(from).isEqualTo(new Machine.CoreTime(150, 1000));
    assertThat(to.busySince(from)).isEqualTo(90 / 150.0);
  }
}
