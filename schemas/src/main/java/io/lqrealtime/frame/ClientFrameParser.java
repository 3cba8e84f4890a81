package io.lqrealtime.frame;

import com.fasterxml.jackson.core.JsonToken;
import io.lqrealtime.id.Channel;
import io.lqrealtime.id.Place;
import io.lqrealtime.id.UserId;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/**
 * Reads a client's text frame: one pass checks the whole text and notes the known fields, and then
 * the fields that the frame's {@code type} has are judged. The payload is cut out of the frame byte
 * for byte: a number {@code 1.50}, key order and spacing survive.
 *
 * <p>Never throws for what a client sent: every fault comes back as {@link ClientFrame.Rejected},
 * with the frame's {@code id} and {@code channel} where they could be read. Fields that the type
 * does not have are ignored, whatever they hold; of a repeated field the last one counts. Safe for
 * several threads.
 */
public final class ClientFrameParser {
  private ClientFrameParser() {}

  /**
   * @param buffer holds the frame's text from {@code offset} on; not kept
   * @throws IndexOutOfBoundsException if the buffer does not hold that range
   */
  public static ClientFrame parse(byte[] buffer, int offset, int length) {
    Fields fields = new Fields(buffer);
    try {
      fields.read(offset, length);
      return fields.toFrame();
    } catch (Fault fault) {
      return fields.rejected(ErrorCode.BAD_REQUEST, fault.getMessage());
    } catch (MalformedJsonException e) {
      return fields.rejected(ErrorCode.BAD_REQUEST, "not a JSON object: " + e.getMessage());
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

  /**
   * A field as it was met: its value's kind, and its text unless it is an object or array.
   *
   * @param kind {@link JsonToken#NOT_AVAILABLE} where the frame has no such field
   */
  private record Field(JsonToken kind, String text) {
    static final Field ABSENT = new Field(JsonToken.NOT_AVAILABLE, "");

    static Field read(JsonInput json) throws MalformedJsonException {
      JsonToken kind = json.next();
      if (kind == JsonToken.START_OBJECT || kind == JsonToken.START_ARRAY) {
        json.skipChildren();
        return new Field(kind, "");
      }
      // A text that ends after a name is a fault, not the end.
      return new Field(Objects.requireNonNull(kind), json.text());
    }

    boolean isAbsent() {
      return kind == JsonToken.NOT_AVAILABLE;
    }

    String string(String name) throws Fault {
      if (kind != JsonToken.VALUE_STRING) {
        throw new Fault(name + " must be a string");
      }
      return text;
    }

    Optional<String> ifString() {
      return kind == JsonToken.VALUE_STRING ? Optional.of(text) : Optional.empty();
    }
  }

  /** The fields of a frame that the protocol knows, and what they say. */
  private static final class Fields {
    private final byte[] buffer;
    private Field type = Field.ABSENT;
    private Field id = Field.ABSENT;
    private Field channel = Field.ABSENT;
    private Field user = Field.ABSENT;
    private Field since = Field.ABSENT;
    private Field presence = Field.ABSENT;
    private Field limit = Field.ABSENT;
    private int payload;
    private int payloadEnd;

    Fields(byte[] buffer) {
      this.buffer = buffer;
    }

    void read(int offset, int length) throws MalformedJsonException, Fault {
      try (JsonInput json = new JsonInput(buffer, offset, length)) {
        if (json.next() != JsonToken.START_OBJECT) {
          throw new Fault("a frame is a JSON object");
        }
        while (json.next() == JsonToken.FIELD_NAME) {
          readField(json);
        }
        if (json.next() != null) {
          throw new MalformedJsonException("something after its end");
        }
      }
    }

    private void readField(JsonInput json) throws MalformedJsonException {
      switch (json.text()) {
        case "type" -> type = Field.read(json);
        case "id" -> id = Field.read(json);
        case "channel" -> channel = Field.read(json);
        case "user" -> user = Field.read(json);
        case "since" -> since = Field.read(json);
        case "presence" -> presence = Field.read(json);
        case "limit" -> limit = Field.read(json);
        case "payload" -> {
          payload = json.valuePosition();
          json.next();
          json.skipChildren();
          payloadEnd = json.position();
        }
        default -> {
          // RFC 8259 leaves unknown names to the reader; the protocol says that they are ignored.
          json.next();
          json.skipChildren();
        }
      }
    }

    ClientFrame toFrame() throws MalformedJsonException, Fault {
      if (type.isAbsent()) {
        throw new Fault("type is missing");
      }
      return switch (type.string("type")) {
        case "ping" -> new ClientFrame.Ping(readId(), readPayload());
        case "publish" -> new ClientFrame.Publish(readId(), readChannel(), requirePayload());
        case "subscribe" ->
            new ClientFrame.Subscribe(readId(), readChannel(), readSince(), readPresence());
        case "unsubscribe" -> new ClientFrame.Unsubscribe(readId(), readChannel());
        case "presence" -> new ClientFrame.Presence(requireId(), readPlace());
        case "history" ->
            new ClientFrame.History(requireId(), readChannel(), readSince(), readLimit());
        case "refresh" -> new ClientFrame.Refresh(readId(), readToken());
        default ->
            rejected(
                ErrorCode.UNSUPPORTED_TYPE,
                "type must be ping, subscribe, unsubscribe, publish, presence, history or refresh");
      };
    }

    private Optional<String> readId() throws Fault {
      if (id.isAbsent()) {
        return Optional.empty();
      }
      String text = id.string("id");
      if (!ClientFrame.isValidId(text)) {
        throw new Fault(
            "id must have 1 to " + ClientFrame.MAX_ID_LENGTH + " characters of valid Unicode");
      }
      return Optional.of(text);
    }

    private Optional<String> requireId() throws Fault {
      if (id.isAbsent()) {
        throw new Fault("id is missing");
      }
      return readId();
    }

    private Channel readChannel() throws Fault {
      if (channel.isAbsent()) {
        throw new Fault("channel is missing");
      }
      String text = channel.string("channel");
      if (!Channel.isValid(text)) {
        throw new Fault(
            "channel must have 1 to 200 characters out of A-Z a-z 0-9 _ - . : = @ , # /");
      }
      return new Channel(text);
    }

    /** A channel goes before a user. */
    private Place readPlace() throws Fault {
      if (!channel.isAbsent()) {
        return readChannel();
      }
      if (user.isAbsent()) {
        throw new Fault("channel is missing, or user");
      }
      String text = user.string("user");
      if (!UserId.isValid(text)) {
        throw new Fault("user must have 1 to 200 characters, and no control characters");
      }
      return new UserId(text);
    }

    private Optional<Since> readSince() throws Fault {
      if (since.isAbsent()) {
        return Optional.empty();
      }
      try {
        return Optional.of(Since.parse(since.string("since")));
      } catch (IllegalArgumentException e) {
        throw new Fault("since must be a position, \"earliest\" or an RFC 3339 instant");
      }
    }

    private boolean readPresence() throws Fault {
      return switch (presence.kind()) {
        case NOT_AVAILABLE, VALUE_FALSE -> false;
        case VALUE_TRUE -> true;
        default -> throw new Fault("presence must be true or false");
      };
    }

    private int readLimit() throws Fault {
      if (limit.isAbsent()) {
        return ClientFrame.History.DEFAULT_LIMIT;
      }
      if (limit.kind().isNumeric()) {
        // As in JSON Schema, 100, 100.0 and 1e2 are the same whole number.
        double value = Double.parseDouble(limit.text());
        if (value >= 1 && value <= ClientFrame.History.MAX_LIMIT && value == Math.rint(value)) {
          return (int) value;
        }
      }
      throw new Fault("limit must be a whole number from 1 to " + ClientFrame.History.MAX_LIMIT);
    }

    private boolean hasPayload() {
      // No JSON value is empty.
      return payloadEnd > payload;
    }

    private Optional<byte[]> readPayload() {
      return hasPayload()
          ? Optional.of(Arrays.copyOfRange(buffer, payload, payloadEnd))
          : Optional.empty();
    }

    private byte[] requirePayload() throws Fault {
      return readPayload().orElseThrow(() -> new Fault("payload is missing"));
    }

    /** The {@code token} of an object payload itself, not one that lies deeper. */
    private String readToken() throws MalformedJsonException, Fault {
      if (!hasPayload()) {
        throw new Fault("payload must be an object with a token");
      }
      Field token = Field.ABSENT;
      try (JsonInput json = new JsonInput(buffer, payload, payloadEnd - payload)) {
        if (json.next() != JsonToken.START_OBJECT) {
          throw new Fault("payload must be an object with a token");
        }
        while (json.next() == JsonToken.FIELD_NAME) {
          if (json.text().equals("token")) {
            token = Field.read(json);
          } else {
            json.next();
            json.skipChildren();
          }
        }
      }
      if (token.isAbsent()) {
        throw new Fault("payload.token is missing");
      }
      return token.string("payload.token");
    }

    ClientFrame.Rejected rejected(ErrorCode code, String message) {
      // Only names that could be ones go back: an answer is no echo of whatever was sent.
      return new ClientFrame.Rejected(
          id.ifString().filter(ClientFrame::isValidId),
          channel.ifString().filter(Channel::isValid),
          code,
          message);
    }
  }
}
