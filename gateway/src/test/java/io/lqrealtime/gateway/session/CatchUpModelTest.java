package io.lqrealtime.gateway.session;

import static io.lqrealtime.gateway.session.Conversation.ALICE;
import static io.lqrealtime.gateway.session.Conversation.channel;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.gateway.delivery.RecentMessages;
import io.lqrealtime.gateway.security.Permissions;
import io.lqrealtime.gateway.websocket.FrameEncoder;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Subscriptions against a model, over random histories: messages that come, and that are lost on
 * the way to the gateway; streams that end and begin anew; clients that subscribe, resume, leave
 * and stop reading; an I/O thread that is behind the reader of the gateway's topic; a tenant whose
 * turn at that thread is over; memory that forgets; a log whose answers are late, in any order and
 * at times not to be had. Whatever happens, each subscription gets every message of its channel
 * past its start, once and in order.
 */
class CatchUpModelTest {
  private static final int PARTITION = FakeInterests.PARTITION;
  private static final List<TenantChannel> CHANNELS =
      List.of(channel("a"), channel("b"), channel("c"));
  private static final Pattern SUBSCRIBED =
      Pattern.compile(
          "\\{'type':'subscribed',('id':'(\\d+)',)?.*'channel':'(.)','position':'.*\\.(-?\\d+)'.*}");

  static LongStream seeds() {
    long first = new Random().nextLong();
    return LongStream.range(first, first + 1_000);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void everySubscription_getsWhatIsPastItsStart_onceAndInOrder(long seed) {
    World world = new World(new Random(seed));
    for (int i = 0; i < 400; i++) {
      world.step();
    }
    world.heal();
    world.check();
  }

  private static final class World implements Interests, History {
    final Random random;
    final RecentMessages recent;
    final ChannelTable table;
    final List<Client> clients = new ArrayList<>();

    /** Offsets of the log with their channels; others are records that are no messages. */
    final Map<Long, TenantChannel> log = new HashMap<>();

    /** From where on the router routes a channel to the gateway; none if it does not. */
    final Map<TenantChannel, Long> active = new HashMap<>();

    final Map<TenantChannel, Integer> held = new HashMap<>();
    final Deque<Delivery> onItsWay = new ArrayDeque<>();
    final FakeTurn turn = new FakeTurn();
    final List<Runnable> questions = new ArrayList<>();
    boolean streaming = true;
    boolean lost;
    boolean logIsAway;
    long end;
    long lastCome = -1;
    long lastRouted = -1;

    World(Random random) {
      this.random = random;
      this.recent = new RecentMessages(PARTITION + 1, 2_000, 900);
      this.table = new ChannelTable(this, Conversation.POSITIONS, recent, this, new Counts());
      recent.startAt(PARTITION, -1);
      for (int i = 0; i < 4; i++) {
        clients.add(new Client(this));
      }
    }

    void step() {
      // A client that asked in vain too often has been closed, and another comes in its place.
      clients.replaceAll(client -> client.isClosed() ? new Client(this) : client);
      Client client = clients.get(random.nextInt(clients.size()));
      TenantChannel channel = CHANNELS.get(random.nextInt(CHANNELS.size()));
      switch (random.nextInt(22)) {
        case 0, 1, 2, 3, 4 -> publish(channel, random.nextInt(8) == 0);
        case 5, 6, 7 -> ioThreadRuns();
        case 8 -> client.subscribe(channel, random.nextInt(4));
        case 9 -> client.unsubscribe(channel);
        case 10, 11 -> client.conversation.takes(random.nextInt(200));
        case 12, 13, 14 -> answer();
        case 15 -> activate();
        case 16 -> heartbeat();
        case 17 -> {
          if (random.nextInt(4) == 0) {
            suspend();
          }
        }
        case 18 -> {
          // In truth ten seconds after the last one left: nothing of it is on its way any more.
          if (onItsWay.isEmpty() && random.nextInt(3) == 0) {
            active.keySet().removeIf(name -> held.getOrDefault(name, 0) == 0);
          }
        }
        case 19 -> turn.comes(1 + random.nextInt(3));
        case 20 -> {
          turn.left = random.nextInt(4);
          turn.frames = random.nextInt(4);
        }
        default -> logIsAway = random.nextInt(4) == 0;
      }
    }

    void publish(TenantChannel channel, boolean lostOnItsWay) {
      long offset = ++end;
      log.put(offset, channel);
      if (!streaming || !active.containsKey(channel)) {
        return;
      }
      if (lostOnItsWay) {
        lost = true;
        lastRouted = offset;
        return;
      }
      if (lost) {
        gap(offset - 1);
      }
      lastCome = offset;
      lastRouted = offset;
      byte[] text = ("m" + offset).getBytes(UTF_8);
      byte[] frame = FrameEncoder.text(text, 0, text.length);
      recent.add(channel, PARTITION, offset, frame);
      onItsWay.add(new Delivery.Broadcast(channel, PARTITION, offset, frame, offset));
    }

    void heartbeat() {
      if (streaming && lost) {
        gap(lastRouted);
      }
    }

    void gap(long upTo) {
      recent.startAt(PARTITION, upTo);
      onItsWay.add(new Delivery.Gap(PARTITION, lastCome, upTo));
      lastCome = upTo;
      lost = false;
    }

    /** The router answers what was asked for. */
    void activate() {
      if (!streaming) {
        streaming = true;
        recent.startAt(PARTITION, -1);
      }
      List<TenantChannel> wanted =
          held.keySet().stream()
              .filter(name -> held.get(name) > 0 && !active.containsKey(name))
              .toList();
      if (!wanted.isEmpty()) {
        long offset = ++end;
        heartbeat();
        recent.reached(PARTITION, offset);
        wanted.forEach(name -> active.put(name, offset));
        onItsWay.add(new Delivery.Activated(wanted, PARTITION, offset));
      }
    }

    void suspend() {
      if (streaming) {
        streaming = false;
        lost = false;
        active.clear();
        recent.stop(PARTITION);
        onItsWay.add(new Delivery.Suspended(PARTITION, lastCome));
        lastCome = -1;
        lastRouted = -1;
      }
    }

    void ioThreadRuns() {
      if (!onItsWay.isEmpty()) {
        table.deliver(onItsWay.remove());
      }
      clients.forEach(client -> client.conversation.ioThreadRuns());
    }

    void answer() {
      if (!questions.isEmpty()) {
        questions.remove(random.nextInt(questions.size())).run();
      }
    }

    void heal() {
      logIsAway = false;
      turn.frames = Integer.MAX_VALUE;
      for (int i = 0; i < 2_000; i++) {
        activate();
        heartbeat();
        ioThreadRuns();
        answer();
        turn.comes(1);
        clients.forEach(client -> client.conversation.takes(1_000));
      }
      assertThat(onItsWay).isEmpty();
      assertThat(questions).isEmpty();
    }

    void check() {
      for (Client client : clients) {
        client.check();
        assertThat(client.conversation.session.isBehind()).isFalse();
        assertThat(client.conversation.reserved).isZero();
      }
    }

    @Override
    public boolean hasRoomFor(TenantChannel channel) {
      return true;
    }

    @Override
    public int partitionOf(TenantChannel channel) {
      return PARTITION;
    }

    @Override
    public OptionalLong acquire(TenantChannel channel) {
      held.merge(channel, 1, Integer::sum);
      Long from = active.get(channel);
      return from == null ? OptionalLong.empty() : OptionalLong.of(from);
    }

    @Override
    public void release(TenantChannel channel) {
      held.merge(channel, -1, Integer::sum);
    }

    @Override
    public void start(Reader reader, int partition, From from, Consumer<Start> answer) {
      long endWhenAsked = end;
      boolean answeredAtOnce = random.nextBoolean();
      questions.add(
          () -> {
            if (logIsAway) {
              answer.accept(new Start.Unavailable());
            } else if (from instanceof From.After(long offset)) {
              answer.accept(new Start.After(offset));
            } else if (from instanceof From.At at) {
              long known = answeredAtOnce ? endWhenAsked : end;
              answer.accept(
                  at.epochMillis() > known
                      ? new Start.NotYet(known)
                      : new Start.After(at.epochMillis() - 1));
            } else {
              answer.accept(new Start.After(-1));
            }
          });
    }

    @Override
    public void read(Reader reader, Request request, Consumer<Page> answer) {
      questions.add(
          () -> {
            if (logIsAway) {
              answer.accept(new Page.Unavailable());
              return;
            }
            List<Stored> found = new ArrayList<>();
            long cursor = request.after();
            while (cursor < request.upTo() && found.size() < 3) {
              cursor++;
              if (request.channel().equals(log.get(cursor))) {
                byte[] text = ("m" + cursor).getBytes(UTF_8);
                found.add(new Stored(cursor, FrameEncoder.text(text, 0, text.length)));
              }
            }
            answer.accept(new Page.Messages(found, cursor, cursor >= request.upTo()));
          });
    }
  }

  /** A client, and what it may expect. */
  private static final class Client {
    final World world;
    final Conversation conversation;

    Client(World world) {
      this.world = world;
      this.conversation = new Conversation(world.table, world, "c", Permissions.ofUser(ALICE));
      conversation.room = 100;
      conversation.turn = world.turn;
    }

    boolean isClosed() {
      return !conversation.closes.isEmpty();
    }

    void subscribe(TenantChannel channel, int how) {
      String since =
          switch (how) {
            case 0 -> "";
            case 1 -> ",'since':'earliest'";
            case 2 -> {
              long from = Math.max(0, world.end - 2 + world.random.nextInt(10));
              yield ",'since':'" + Instant.ofEpochMilli(from) + "','id':'" + from + "'";
            }
            default ->
                ",'since':'"
                    + Conversation.POSITIONS.text(
                        PARTITION, world.random.nextLong(Math.max(1, world.end)))
                    + "'";
          };
      conversation.says("{'type':'subscribe','channel':'" + channel.channel() + "'" + since + "}");
    }

    void unsubscribe(TenantChannel channel) {
      conversation.says("{'type':'unsubscribe','channel':'" + channel.channel() + "'}");
    }

    /**
     * Frames are replayed: between an answer and the next one of its channel, all must be there.
     */
    void check() {
      Map<String, Long> cursors = new HashMap<>();
      for (String frame : conversation.hears()) {
        Matcher subscribed = SUBSCRIBED.matcher(frame);
        if (subscribed.matches()) {
          // One that asked for an instant has it as its id: appended before it is nothing to
          // expect.
          long from = subscribed.group(2) == null ? 0 : Long.parseLong(subscribed.group(2));
          cursors.put(subscribed.group(3), Math.max(from - 1, Long.parseLong(subscribed.group(4))));
        } else if (frame.startsWith("m")) {
          long offset = Long.parseLong(frame.substring(1));
          String name = world.log.get(offset).channel().value();
          assertThat(cursors).as(frame).containsKey(name);
          assertThat(offset).as("%s comes next", frame).isEqualTo(next(name, cursors.get(name)));
          cursors.put(name, offset);
        } else if (frame.contains("'unsubscribed'") || frame.contains("'unavailable'")) {
          cursors.remove(frame.replaceAll(".*'channel':'(.)'.*", "$1"));
        }
      }
      for (Map.Entry<String, Long> cursor : cursors.entrySet()) {
        assertThat(next(cursor.getKey(), cursor.getValue()))
            .as("all of %s has come", cursor.getKey())
            .isEqualTo(Long.MAX_VALUE);
      }
    }

    private long next(String name, long after) {
      for (long offset = after + 1; offset <= world.end; offset++) {
        TenantChannel channel = world.log.get(offset);
        if (channel != null && channel.channel().value().equals(name)) {
          return offset;
        }
      }
      return Long.MAX_VALUE;
    }
  }
}
