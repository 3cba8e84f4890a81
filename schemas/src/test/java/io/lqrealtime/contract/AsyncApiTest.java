package io.lqrealtime.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lqrealtime.frame.CloseReason;
import io.lqrealtime.frame.FrameSchemas;
import io.lqrealtime.record.ControlRecordCodec;
import io.lqrealtime.tenant.TenantOrderCodec;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Holds the AsyncAPI document to the schema files and to the code. */
class AsyncApiTest {
  private final JsonNode document = read();

  private static JsonNode read() {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    try (InputStream file = AsyncApiTest.class.getResourceAsStream("/schemas/asyncapi.yaml")) {
      return new ObjectMapper().valueToTree(new Yaml(new SafeConstructor(options)).load(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private JsonNode resolve(String reference) {
    int hash = reference.indexOf('#');
    String file = hash < 0 ? reference : reference.substring(0, hash);
    JsonNode root = file.isEmpty() ? document : FrameSchemas.read(file);
    return hash < 0 ? root : root.at(reference.substring(hash + 1));
  }

  private static Set<String> names(JsonNode object) {
    Set<String> names = new TreeSet<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  @Test
  void references_allOfThem_resolve() {
    List<JsonNode> references = document.findValues("$ref");

    assertThat(references).hasSizeGreaterThan(100);
    for (JsonNode reference : references) {
      assertThat(resolve(reference.textValue()).isMissingNode()).as("%s", reference).isFalse();
    }
  }

  @Test
  void document_is3_0AndEveryMessageIsUsed() {
    assertThat(document.get("asyncapi").textValue()).isEqualTo("3.0.0");
    Set<String> used = new TreeSet<>();
    document.get("channels").forEach(channel -> used.addAll(names(channel.get("messages"))));

    assertThat(used).isEqualTo(names(document.at("/components/messages")));
  }

  @Test
  void websocket_frames_areThoseOfTheSchemas() {
    Set<String> expected = new TreeSet<>();
    for (String side : List.of("client", "server")) {
      for (String type : FrameSchemas.types(side)) {
        String name = side + '.' + type;
        expected.add(name);
        JsonNode message = document.at("/components/messages").path(name);
        assertThat(message.path("name").asText()).as(name).isEqualTo(type);
        assertThat(message.at("/payload/$ref").textValue())
            .isEqualTo("frames/" + side + '/' + type + ".json");
      }
    }

    assertThat(names(document.at("/channels/websocket/messages"))).isEqualTo(expected);
    assertThat(operation("receiveClientFrames")).allMatch(ref -> ref.contains("/client."));
    assertThat(operation("sendServerFrames")).allMatch(ref -> ref.contains("/server."));
    assertThat(operation("receiveClientFrames").size() + operation("sendServerFrames").size())
        .isEqualTo(expected.size());
  }

  private List<String> operation(String name) {
    return document.at("/operations/" + name + "/messages").findValuesAsText("$ref");
  }

  @Test
  void websocket_closeCodes_areThoseOfTheCode() {
    List<String> described =
        document
            .at("/channels/websocket/x-close-codes")
            .valueStream()
            .peek(close -> assertThat(close.get("description").textValue()).isNotBlank())
            .map(
                close ->
                    close.get("name").asText()
                        + ' '
                        + close.get("code").asInt()
                        + ' '
                        + close.get("resumable").asBoolean()
                        + ' '
                        + close.get("text").asText())
            .toList();

    assertThat(described)
        .isEqualTo(
            Arrays.stream(CloseReason.values())
                .map(
                    reason ->
                        reason.name()
                            + ' '
                            + reason.code()
                            + ' '
                            + reason.resumable()
                            + ' '
                            + reason.text())
                .toList());
  }

  @Test
  void topics_areThoseOfTheCode() {
    Set<String> addresses = new TreeSet<>();
    document.get("channels").forEach(channel -> addresses.add(channel.get("address").textValue()));
    addresses.remove("/ws");

    assertThat(addresses).isEqualTo(Vocabulary.topics("{gateway}", "{region}"));
  }

  @Test
  void headers_areThoseOfTheCode() {
    Set<String> described = new TreeSet<>();
    for (Map.Entry<String, JsonNode> schema : document.at("/components/schemas").properties()) {
      if (schema.getKey().endsWith("Headers")) {
        described.addAll(names(schema.getValue().get("properties")));
      }
    }

    assertThat(described).isEqualTo(Vocabulary.headers());
  }

  @Test
  void deadLetterReasons_areThoseOfTheCode() {
    JsonNode reasons = document.at("/components/schemas/deadLetterHeaders/properties/reason/oneOf");

    assertThat(reasons.findValuesAsText("const")).isEqualTo(Vocabulary.deadLetterReasons());
    assertThat(reasons.findValuesAsText("description")).hasSize(reasons.size());
  }

  @Test
  void controlRecords_areThoseOfTheCode() {
    Set<String> described = new TreeSet<>();
    for (String headers : List.of("controlHeaders", "memberHeaders", "orderHeaders")) {
      document
          .at("/components/schemas/" + headers + "/properties/type/enum")
          .forEach(type -> described.add(type.textValue()));
    }

    assertThat(described).allMatch(AsyncApiTest::isControlType);
    Set<String> messages = names(document.at("/channels/inbound/messages"));
    for (String message : messages) {
      String type = message.substring("inbound.".length());
      assertThat(isControlType(type)).as(type).isEqualTo(described.contains(type));
    }
    assertThat(messages).hasSize(described.size() + 2);
  }

  @Test
  void tenantsTopic_repeatsEachOrder() {
    Set<String> orders = new TreeSet<>();
    for (String message : names(document.at("/channels/inbound/messages"))) {
      String type = message.substring("inbound.".length());
      if (TenantOrderCodec.isOrderType(type)) {
        orders.add("tenants." + type);
      }
    }

    assertThat(names(document.at("/channels/tenants/messages"))).isEqualTo(orders).hasSize(4);
  }

  private static boolean isControlType(String type) {
    return ControlRecordCodec.isControlType(type) || TenantOrderCodec.isOrderType(type);
  }

  @Test
  void gatewayRecords_fields_areThoseOfTheCode() {
    Vocabulary.gatewayRecords()
        .forEach(
            (kind, fields) -> {
              JsonNode message = document.at("/components/messages").path("gateway." + kind);
              assertThat(message.path("description").asText())
                  .as(kind)
                  .contains(fields.toArray(String[]::new));
            });
    assertThat(names(document.at("/channels/gateway/messages")))
        .hasSize(Vocabulary.gatewayRecords().size());
  }
}
