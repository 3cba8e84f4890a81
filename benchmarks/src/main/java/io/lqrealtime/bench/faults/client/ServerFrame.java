package io.lqrealtime.bench.faults.client;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a client needs of a frame of the server; texts are empty where there is no such field.
 *
 * @param code of an error's payload
 * @param retryAfterMillis of an error's payload, or 0
 * @param digest of the payload's bytes as they came
 * @param messages of a page of history
 * @param more of a page of history
 */
record ServerFrame(
    String type,
    String id,
    String channel,
    String position,
    String from,
    boolean recovered,
    String oldest,
    String code,
    long retryAfterMillis,
    String digest,
    List<ServerFrame> messages,
    boolean more) {
  private static final JsonFactory JSON = new JsonFactory();

  /** Reads a frame; one that is not JSON has the type {@code invalid}. */
  static ServerFrame of(byte[] bytes, int offset, int length) {
    try (JsonParser json = JSON.createParser(bytes, offset, length)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("not an object");
      }
      return read(json, bytes, offset);
    } catch (IOException e) {
      return new ServerFrame("invalid", "", "", "", "", false, "", "", 0, "", List.of(), false);
    }
  }

  private static ServerFrame read(JsonParser json, byte[] bytes, int offset) throws IOException {
    String type = "";
    String id = "";
    String channel = "";
    String position = "";
    String from = "";
    boolean recovered = false;
    String oldest = "";
    String digest = "";
    Problem problem = new Problem("", 0);
    Page page = new Page(List.of(), "", false);
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      json.nextToken();
      switch (name) {
        case "type" -> type = json.getText();
        case "id" -> id = json.getText();
        case "channel" -> channel = json.getText();
        case "position" -> position = json.getText();
        case "from" -> from = json.getText();
        case "recovered" -> recovered = json.getBooleanValue();
        case "oldest" -> oldest = json.getText();
        case "payload" -> {
          int start = offset + (int) json.currentTokenLocation().getByteOffset();
          if (type.equals("error")) {
            problem = Problem.read(json);
          } else if (type.equals("history")) {
            page = Page.read(json, bytes, offset);
            position = page.position;
          } else {
            json.skipChildren();
            json.finishToken();
          }
          int end = offset + (int) json.currentLocation().getByteOffset();
          digest = Payload.digest(bytes, start, end - start);
        }
        default -> json.skipChildren();
      }
    }
    return new ServerFrame(
        type,
        id,
        channel,
        position,
        from,
        recovered,
        oldest,
        problem.code,
        problem.retryAfterMillis,
        digest,
        page.messages,
        page.more);
  }

  private record Page(List<ServerFrame> messages, String position, boolean more) {
    static Page read(JsonParser json, byte[] bytes, int offset) throws IOException {
      List<ServerFrame> messages = new ArrayList<>();
      String position = "";
      boolean more = false;
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        json.nextToken();
        switch (name) {
          case "messages" -> {
            while (json.nextToken() == JsonToken.START_OBJECT) {
              messages.add(ServerFrame.read(json, bytes, offset));
            }
          }
          case "position" -> position = json.getText();
          case "more" -> more = json.getBooleanValue();
          default -> json.skipChildren();
        }
      }
      return new Page(messages, position, more);
    }
  }

  private record Problem(String code, long retryAfterMillis) {
    static Problem read(JsonParser json) throws IOException {
      String code = "";
      long retryAfter = 0;
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        json.nextToken();
        switch (name) {
          case "code" -> code = json.getText();
          case "retryAfterMs" -> retryAfter = json.getLongValue();
          default -> json.skipChildren();
        }
      }
      return new Problem(code, retryAfter);
    }
  }
}
