package io.lqrealtime.frame;

import io.lqrealtime.id.Channel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * Reads a client's text frame: one pass checks the whole text and notes where the known fields
 * stand, and then the fields that the frame's {@code type} has are read. The payload is cut out of
 * the frame byte for byte: a number {@code 1.50}, key order and spacing survive.
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
    Fields fields = new Fields(buffer, offset, length);
    try {
      fields.locate();
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

  /** Where a frame's fields stand in the buffer, and their reading. */
  private static final class Fields {
    private static final int ABSENT = -1;

    private final byte[] buffer;
    private final JsonScanner json;
    private int type = ABSENT;
    private int id = ABSENT;
    private int channel = ABSENT;
    private int since = ABSENT;
    private int presence = ABSENT;
    private int limit = ABSENT;
    private int payload = ABSENT;
    private int payloadEnd = ABSENT;

    Fields(byte[] buffer, int offset, int length) {
      this.buffer = buffer;
      this.json = new JsonScanner(buffer, offset, length);
    }

    void locate() throws MalformedJsonException, Fault {
      if (json.peek() != '{') {
        throw new Fault("a frame is a JSON object");
      }
      json.enter('{');
      if (json.peek() != '}') {
        do {
          locateField();
        } while (json.take(','));
      }
      json.leave('}');
      json.expectEnd();
    }

    private void locateField() throws MalformedJsonException {
      String name = json.string();
      json.expect(':');
      json.peek();
      int value = json.position();
      json.skipValue();
      switch (name) {
        case "type" -> type = value;
        case "id" -> id = value;
        case "channel" -> channel = value;
        case "since" -> since = value;
        case "presence" -> presence = value;
        case "limit" -> limit = value;
        case "payload" -> {
          payload = value;
          payloadEnd = json.position();
        }
        default -> {
          // RFC 8259 leaves unknown names to the reader; the protocol says that they are ignored.
        }
      }
    }

    ClientFrame toFrame() throws MalformedJsonException, Fault {
      if (type == ABSENT) {
        throw new Fault("type is missing");
      }
      return switch (text(type, "type")) {
        case "ping" -> new ClientFrame.Ping(readId(), readPayload());
        case "publish" -> new ClientFrame.Publish(readId(), readChannel(), requirePayload());
        case "subscribe" ->
            new ClientFrame.Subscribe(readId(), readChannel(), readSince(), readPresence());
        case "unsubscribe" -> new ClientFrame.Unsubscribe(readId(), readChannel());
        case "presence" -> new ClientFrame.Presence(requireId(), readChannel());
        case "history" ->
            new ClientFrame.History(requireId(), readChannel(), readSince(), readLimit());
        case "refresh" -> new ClientFrame.Refresh(readId(), readToken());
        default ->
            rejected(
                ErrorCode.UNSUPPORTED_TYPE,
                "type must be ping, subscribe, unsubscribe, publish, presence, history or refresh");
      };
    }

    private String text(int at, String name) throws MalformedJsonException, Fault {
      if (buffer[at] != '"') {
        throw new Fault(name + " must be a string");
      }
      json.moveTo(at);
      return json.string();
    }

    private Optional<String> readId() throws MalformedJsonException, Fault {
      if (id == ABSENT) {
        return Optional.empty();
      }
      String text = text(id, "id");
      if (!ClientFrame.isValidId(text)) {
        throw new Fault(
            "id must have 1 to " + ClientFrame.MAX_ID_LENGTH + " characters of valid Unicode");
      }
      return Optional.of(text);
    }

    private Optional<String> requireId() throws MalformedJsonException, Fault {
      if (id == ABSENT) {
        throw new Fault("id is missing");
      }
      return readId();
    }

    private Channel readChannel() throws MalformedJsonException, Fault {
      if (channel == ABSENT) {
        throw new Fault("channel is missing");
      }
      String text = text(channel, "channel");
      if (!Channel.isValid(text)) {
        throw new Fault(
            "channel must have 1 to 200 characters out of A-Z a-z 0-9 _ - . : = @ , # /");
      }
      return new Channel(text);
    }

    private Optional<Since> readSince() throws MalformedJsonException, Fault {
      if (since == ABSENT) {
        return Optional.empty();
      }
      try {
        return Optional.of(Since.parse(text(since, "since")));
      } catch (IllegalArgumentException e) {
        throw new Fault("since must be a position, \"earliest\" or an RFC 3339 instant");
      }
    }

    private boolean readPresence() throws Fault {
      if (presence == ABSENT) {
        return false;
      }
      // The text has been checked: what starts like a literal is that literal.
      return switch (buffer[presence]) {
        case 't' -> true;
        case 'f' -> false;
        default -> throw new Fault("presence must be true or false");
      };
    }

    private int readLimit() throws MalformedJsonException, Fault {
      if (limit == ABSENT) {
        return ClientFrame.History.DEFAULT_LIMIT;
      }
      byte first = buffer[limit];
      if (first >= '0' && first <= '9') {
        json.moveTo(limit);
        json.skipValue();
        String text = new String(buffer, limit, json.position() - limit, StandardCharsets.US_ASCII);
        // As in JSON Schema, 100, 100.0 and 1e2 are the same whole number.
        double value = Double.parseDouble(text);
        if (value >= 1 && value <= ClientFrame.History.MAX_LIMIT && value == Math.rint(value)) {
          return (int) value;
        }
      }
      throw new Fault("limit must be a whole number from 1 to " + ClientFrame.History.MAX_LIMIT);
    }

    private Optional<byte[]> readPayload() {
      return payload == ABSENT
          ? Optional.empty()
          : Optional.of(Arrays.copyOfRange(buffer, payload, payloadEnd));
    }

    private byte[] requirePayload() throws Fault {
      return readPayload().orElseThrow(() -> new Fault("payload is missing"));
    }

    /** The {@code token} of an object payload itself, not one that lies deeper. */
    private String readToken() throws MalformedJsonException, Fault {
      if (payload == ABSENT || buffer[payload] != '{') {
        throw new Fault("payload must be an object with a token");
      }
      int token = ABSENT;
      json.moveTo(payload);
      json.enter('{');
      if (json.peek() != '}') {
        do {
          String name = json.string();
          json.expect(':');
          json.peek();
          token = name.equals("token") ? json.position() : token;
          json.skipValue();
        } while (json.take(','));
      }
      json.leave('}');
      if (token == ABSENT) {
        throw new Fault("payload.token is missing");
      }
      return text(token, "payload.token");
    }

    ClientFrame.Rejected rejected(ErrorCode code, String message) {
      // Only names that could be ones go back: an answer is no echo of whatever was sent.
      return new ClientFrame.Rejected(
          known(id).filter(ClientFrame::isValidId),
          known(channel).filter(Channel::isValid),
          code,
          message);
    }

    private Optional<String> known(int at) {
      if (at == ABSENT) {
        return Optional.empty();
      }
      try {
        return Optional.of(text(at, ""));
      } catch (Fault | MalformedJsonException e) {
        return Optional.empty();
      }
    }
  }
}
