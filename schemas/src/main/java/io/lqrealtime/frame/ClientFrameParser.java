package io.lqrealtime.frame;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lqrealtime.id.Channel;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads a client's text frame in one pass of Jackson's streaming parser, without a tree. The
 * payload is cut out of the frame byte for byte: a number {@code 1.50}, key order and spacing
 * survive.
 *
 * <p>Never throws for what a client sent: every fault comes back as {@link ClientFrame.Rejected},
 * with the frame's {@code id} and {@code channel} where they could be read. Unknown fields are
 * ignored; of a repeated field the last one counts. Safe for several threads.
 */
public final class ClientFrameParser {
  private ClientFrameParser() {}

  /**
   * @param buffer holds the frame's text, valid UTF-8, from {@code offset} on; not kept
   */
  public static ClientFrame parse(byte[] buffer, int offset, int length) {
    Fields fields = new Fields();
    try (JsonParser json = JsonLimits.FACTORY.createParser(buffer, offset, length)) {
      fields.read(json, buffer, offset);
    } catch (Fault fault) {
      return fields.rejected(ErrorCode.BAD_REQUEST, fault.getMessage());
    } catch (IOException e) {
      return fields.rejected(ErrorCode.BAD_REQUEST, "not a JSON object");
    }
    try {
      return fields.toFrame();
    } catch (Fault fault) {
      return fields.rejected(ErrorCode.BAD_REQUEST, fault.getMessage());
    }
  }

  /** What is wrong with a frame, in words for its sender. Cheap: no stack trace. */
  private static final class Fault extends Exception {
    private static final long serialVersionUID = 1L;

    Fault(String message) {
      super(message, null, false, false);
    }

    @Override
    public String getMessage() {
      return String.valueOf(super.getMessage());
    }
  }

  /** A frame's fields, gathered in whatever order they come. */
  private static final class Fields {
    private @Nullable String type;
    private @Nullable String id;
    private @Nullable String channel;
    private @Nullable String since;
    private boolean presence;
    private int limit = ClientFrame.History.DEFAULT_LIMIT;
    private byte @Nullable [] payload;
    private @Nullable String token;

    void read(JsonParser json, byte[] buffer, int base) throws IOException, Fault {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new Fault("a frame is a JSON object");
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        switch (name) {
          case "type" -> type = text(json, value, name);
          case "id" -> id = idText(json, value);
          case "channel" -> channel = text(json, value, name);
          case "since" -> since = text(json, value, name);
          case "presence" -> presence = bool(value, name);
          case "limit" -> limit = limit(json, value);
          case "payload" -> readPayload(json, value, buffer, base);
          default -> json.skipChildren();
        }
      }
      if (json.nextToken() != null) {
        throw new Fault("a frame is one JSON object, and nothing after it");
      }
    }

    private static String text(JsonParser json, JsonToken value, String name)
        throws IOException, Fault {
      if (value != JsonToken.VALUE_STRING) {
        throw new Fault(name + " must be a string");
      }
      return json.getText();
    }

    private static String idText(JsonParser json, JsonToken value) throws IOException, Fault {
      String text = text(json, value, "id");
      if (text.isEmpty() || text.length() > ClientFrame.MAX_ID_LENGTH) {
        throw new Fault("id must have 1 to " + ClientFrame.MAX_ID_LENGTH + " characters");
      }
      for (int i = 0; i < text.length(); i++) {
        // An escape can spell half a surrogate pair, which has no UTF-8 form to travel in.
        if (Character.isSurrogate(text.charAt(i))) {
          if (i + 1 < text.length()
              && Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
            i++;
          } else {
            throw new Fault("id must be valid Unicode");
          }
        }
      }
      return text;
    }

    private static boolean bool(JsonToken value, String name) throws Fault {
      return switch (value) {
        case VALUE_TRUE -> true;
        case VALUE_FALSE -> false;
        default -> throw new Fault(name + " must be true or false");
      };
    }

    private static int limit(JsonParser json, JsonToken value) throws IOException, Fault {
      if (value == JsonToken.VALUE_NUMBER_INT
          && json.getNumberType() == JsonParser.NumberType.INT) {
        int limit = json.getIntValue();
        if (limit >= 1 && limit <= ClientFrame.History.MAX_LIMIT) {
          return limit;
        }
      }
      throw new Fault("limit must be a whole number from 1 to " + ClientFrame.History.MAX_LIMIT);
    }

    private void readPayload(JsonParser json, JsonToken value, byte[] buffer, int base)
        throws IOException {
      int start = base + (int) json.currentTokenLocation().getByteOffset();
      token = null;
      if (value == JsonToken.START_OBJECT) {
        readObject(json);
      } else {
        json.skipChildren();
        json.finishToken();
      }
      int end = base + (int) json.currentLocation().getByteOffset();
      payload = Arrays.copyOfRange(buffer, start, end);
    }

    /** Walks over an object payload, and notes the {@code token} that a refresh carries there. */
    private void readObject(JsonParser json) throws IOException {
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        // Only a refresh reads a token here; "type" may still be to come, so it is noted in any
        // case
        // where it is a string under that very name.
        boolean isToken = json.currentName().equals("token");
        JsonToken value = json.nextToken();
        if (isToken && value == JsonToken.VALUE_STRING) {
          token = json.getText();
        } else {
          json.skipChildren();
        }
      }
    }

    ClientFrame toFrame() throws Fault {
      if (type == null) {
        throw new Fault("type is missing");
      }
      Optional<String> frameId = Optional.ofNullable(id);
      return switch (type) {
        case "ping" -> new ClientFrame.Ping(frameId, Optional.ofNullable(payload));
        case "publish" -> new ClientFrame.Publish(frameId, requireChannel(), requirePayload());
        case "subscribe" ->
            new ClientFrame.Subscribe(frameId, requireChannel(), parsedSince(), presence);
        case "unsubscribe" -> new ClientFrame.Unsubscribe(frameId, requireChannel());
        case "presence" -> {
          requireId();
          yield new ClientFrame.Presence(frameId, requireChannel());
        }
        case "history" -> {
          requireId();
          yield new ClientFrame.History(frameId, requireChannel(), parsedSince(), limit);
        }
        case "refresh" -> {
          if (token == null) {
            throw new Fault("payload.token must be a string");
          }
          yield new ClientFrame.Refresh(frameId, token);
        }
        default ->
            rejected(
                ErrorCode.UNSUPPORTED_TYPE,
                "type must be ping, subscribe, unsubscribe, publish, presence, history or refresh");
      };
    }

    private Channel requireChannel() throws Fault {
      if (channel == null) {
        throw new Fault("channel is missing");
      }
      if (!Channel.isValid(channel)) {
        throw new Fault(
            "channel must have 1 to 200 characters out of A-Z a-z 0-9 _ - . : = @ , # /");
      }
      return new Channel(channel);
    }

    private byte[] requirePayload() throws Fault {
      if (payload == null) {
        throw new Fault("payload is missing");
      }
      return payload;
    }

    private void requireId() throws Fault {
      if (id == null) {
        throw new Fault("id is missing");
      }
    }

    private Optional<Since> parsedSince() throws Fault {
      if (since == null) {
        return Optional.empty();
      }
      try {
        return Optional.of(Since.parse(since));
      } catch (IllegalArgumentException e) {
        throw new Fault("since must be a position, \"earliest\" or an RFC 3339 instant");
      }
    }

    ClientFrame.Rejected rejected(ErrorCode code, String message) {
      // Only a name that could be one goes back: an answer is no echo of whatever was sent.
      Optional<String> known = Optional.ofNullable(channel).filter(Channel::isValid);
      return new ClientFrame.Rejected(Optional.ofNullable(id), known, code, message);
    }
  }
}
