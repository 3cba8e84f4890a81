package io.lqrealtime.contract;

import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.Region;
import io.lqrealtime.record.DeadLetterReason;
import io.lqrealtime.record.GatewayRecord;
import io.lqrealtime.record.GatewayRecordCodec;
import io.lqrealtime.record.RecordHeader;
import io.lqrealtime.topic.TopicNames;
import java.lang.reflect.Field;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What the code calls things, for documents to be held to. */
final class Vocabulary {
  private static final TopicNames TOPICS = new TopicNames(TopicNames.DEFAULT_PREFIX);

  private Vocabulary() {}

  /** Every record header: the constants of {@link RecordHeader}, and that of gateway records. */
  static Set<String> headers() {
    Set<String> headers = new TreeSet<>();
    for (Field field : RecordHeader.class.getFields()) {
      // Not a header's name but a value of one.
      if (!field.getName().equals("MESSAGE_TYPE")) {
        try {
          headers.add((String) field.get(null));
        } catch (IllegalAccessException e) {
          throw new AssertionError(e);
        }
      }
    }
    headers.add(GatewayRecordCodec.HEADER);
    return headers;
  }

  /** The topics, with what varies written as the document does. */
  static Set<String> topics(String gateway, String region) {
    return Set.of(
        TOPICS.inbound(),
        TOPICS.index(),
        TOPICS.tenants(),
        TOPICS.deadLetter(),
        TOPICS.gateway(new GatewayId("G")).replaceFirst("G$", gateway),
        TOPICS.mirroredInbound(new Region("R")).replaceFirst("^R", region));
  }

  static List<String> deadLetterReasons() {
    return Arrays.stream(DeadLetterReason.values()).map(DeadLetterReason::wireName).toList();
  }

  /** The kinds of gateway records, and the names of their components. */
  static Map<String, List<String>> gatewayRecords() {
    Map<String, List<String>> records = new TreeMap<>();
    for (Class<?> kind : GatewayRecord.class.getPermittedSubclasses()) {
      records.put(
          kind.getSimpleName().toLowerCase(Locale.ROOT),
          Arrays.stream(kind.getRecordComponents()).map(RecordComponent::getName).toList());
    }
    return records;
  }
}
