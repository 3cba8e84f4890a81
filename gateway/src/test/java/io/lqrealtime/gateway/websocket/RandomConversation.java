package io.lqrealtime.gateway.websocket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** What a client might send that keeps to the rules, and what is to be reported of it. */
final class RandomConversation {

  private final Random random;
  private final FrameLimits limits;
  private final ClientFrames frames;
  private final List<Event> events = new ArrayList<>();

  RandomConversation(Random random, FrameLimits limits) {
    this.random = random;
    this.limits = limits;
    this.frames = new ClientFrames(random);
    for (int message = 1 + random.nextInt(8); message > 0; message--) {
      message();
      control();
    }
    if (random.nextBoolean()) {
      String reason = random.nextBoolean() ? "" : "adiós";
      frames.close(1000, reason);
      events.add(new Event.Close(1000, reason));
    }
  }

  byte[] stream() {
    return frames.bytes();
  }

  List<Event> events() {
    return events;
  }

  /** Fragments are cut anywhere, characters included, and may be empty. */
  private void message() {
    String text = text();
    byte[] bytes = text.getBytes(UTF_8);
    int fragments = random.nextBoolean() ? 1 : 1 + random.nextInt(limits.maxFragmentsPerMessage());
    int from = 0;
    for (int fragment = 1; fragment <= fragments; fragment++) {
      boolean last = fragment == fragments;
      int count = last ? bytes.length - from : random.nextInt(bytes.length - from + 1);
      byte[] payload = Arrays.copyOfRange(bytes, from, from + count);
      frames.frame(last, fragment == 1 ? Opcode.TEXT : Opcode.CONTINUATION, payload);
      from += count;
      if (!last) {
        control();
      }
    }
    events.add(new Event.Text(text));
  }

  private void control() {
    for (int count = random.nextInt(3) - 1; count > 0; count--) {
      byte[] payload = new byte[random.nextInt(126)];
      random.nextBytes(payload);
      boolean ping = random.nextBoolean();
      frames.frame(true, ping ? Opcode.PING : Opcode.PONG, payload);
      String expected = new String(payload, ISO_8859_1);
      events.add(ping ? new Event.Ping(expected) : new Event.Pong(expected));
    }
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    int characters = random.nextInt(random.nextInt(5) == 0 ? 480 : 60);
    for (int index = 0; index < characters; index++) {
      switch (random.nextInt(8)) {
        case 0 -> text.appendCodePoint(0x80 + random.nextInt(0x780));
        case 1 -> text.appendCodePoint(0x800 + random.nextInt(0xD000));
        case 2 -> text.appendCodePoint(0x10000 + random.nextInt(0x100000));
        default -> text.append((char) (' ' + random.nextInt(95)));
      }
    }
    return text.toString();
  }
}
