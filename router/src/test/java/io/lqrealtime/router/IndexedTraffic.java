package io.lqrealtime.router;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.record.ChannelFingerprint;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.RecordMetadata;

/** Messages to the log, some of them more than once, and what the index is to say of them. */
final class IndexedTraffic {
  private static final Channel ROOM = new Channel("room");

  private final Map<Integer, Map<Long, Long>> expected = new TreeMap<>();
  private final Set<String> published = new HashSet<>();
  private int sent;

  /** Of each partition, the fingerprint of the channel at each offset of a message that is new. */
  Map<Integer, Map<Long, Long>> expected() {
    return expected;
  }

  /** Every fifth message repeats an id of before, under whichever router's watch that was. */
  void publish(ServiceTopics topics, Random random, int count) throws Exception {
    for (int i = 0; i < count; i++) {
      TenantId tenant = new TenantId("t" + random.nextInt(12));
      int number = sent > 0 && random.nextInt(5) == 0 ? random.nextInt(sent) : sent;
      sent++;
      String id = tenant + "/" + number;
      RecordMetadata at = topics.publish(tenant, ROOM, id, "1");
      Map<Long, Long> routed = expected.computeIfAbsent(at.partition(), p -> new TreeMap<>());
      if (published.add(id)) {
        routed.put(at.offset(), ChannelFingerprint.of(tenant, ROOM));
      }
    }
  }
}
