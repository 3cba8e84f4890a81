package io.lqrealtime.bench.faults.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random histories of a service that is sound, as a small model of it writes them: clean. The same
 * with one thing broken: not clean. So the judge neither cries wolf nor sleeps.
 */
class RandomHistoryTest {
  private static final int ROUNDS = 300;

  private enum Break {
    NOTHING,
    DROP_ONE,
    REPEAT_ONE,
    SWAP_TWO
  }

  private record Stored(String writer, int id, long offset) {}

  @Test
  void soundService_isAlwaysClean() {
    for (int seed = 0; seed < ROUNDS; seed++) {
      assertThat(run(seed, Break.NOTHING).findings()).as("seed %d", seed).isEmpty();
    }
  }

  @Test
  void droppedMessage_isAlwaysFound() {
    for (int seed = 0; seed < ROUNDS; seed++) {
      assertThat(run(seed, Break.DROP_ONE).counts()).as("seed %d", seed).containsKey(Rule.LOST);
    }
  }

  @Test
  void repeatedMessage_isAlwaysFound() {
    for (int seed = 0; seed < ROUNDS; seed++) {
      assertThat(run(seed, Break.REPEAT_ONE).counts())
          .as("seed %d", seed)
          .containsKey(Rule.DOUBLED);
    }
  }

  @Test
  void swappedMessages_areAlwaysFound() {
    for (int seed = 0; seed < ROUNDS; seed++) {
      assertThat(run(seed, Break.SWAP_TWO).counts()).as("seed %d", seed).containsKey(Rule.POSITION);
    }
  }

  /** Two writers that retry, two readers that come and go, one log that drops retries. */
  private static Verdict run(int seed, Break broken) {
    Random random = new Random(seed);
    Story story = new Story().connect("w0", "acme").connect("w1", "acme");
    List<Stored> log = new ArrayList<>();
    long end = 10;
    int[] next = {1, 1};
    long[] cursor = {10, 10};
    boolean[] connected = {true, true};
    story.reader("r0", "acme", 10).reader("r1", "acme", 10);
    for (int step = 0; step < 60; step++) {
      int who = random.nextInt(2);
      String writer = "w" + who;
      switch (random.nextInt(6)) {
        case 0, 1, 2 -> {
          int id = next[who]++;
          story.sent(writer, id);
          int copies = random.nextInt(10) == 0 ? 2 : 1;
          boolean stored = random.nextInt(8) != 0;
          for (int copy = 0; copy < copies; copy++) {
            if (copy > 0) {
              story.error(writer, id, "unavailable").sent(writer, id);
            }
            if (stored) {
              end += 1 + random.nextInt(3);
              if (copy == 0) {
                log.add(new Stored(writer, id, end));
              }
            }
          }
          if (stored && random.nextInt(10) != 0) {
            story.acked(writer, id, end);
          }
        }
        case 3 -> {
          if (random.nextBoolean()) {
            story.closed(writer, 1006).connect(writer, "acme");
          }
        }
        case 4 -> {
          if (connected[who]) {
            cursor[who] = deliver(story, "r" + who, log, cursor[who], log.size(), Break.NOTHING);
            if (random.nextInt(3) == 0) {
              story.closed("r" + who, 1012);
              connected[who] = false;
            }
          }
        }
        default -> {
          if (!connected[who]) {
            story.resumed("r" + who, "acme", cursor[who]);
            cursor[who] = deliver(story, "r" + who, log, cursor[who], log.size(), Break.NOTHING);
            story.live("r" + who, Math.max(end, cursor[who]));
            cursor[who] = Math.max(end, cursor[who]);
            connected[who] = true;
          }
        }
      }
    }
    for (int id = 0; id < 3; id++) {
      end += 2;
      log.add(new Stored("w0", next[0], end));
      story.published("w0", next[0]++, end);
    }
    story.healed();
    for (int reader = 0; reader < 2; reader++) {
      if (!connected[reader]) {
        story.resumed("r" + reader, "acme", cursor[reader]);
      }
      Break here = reader == 0 ? broken : Break.NOTHING;
      deliver(story, "r" + reader, log, cursor[reader], log.size(), here);
      if (!connected[reader]) {
        story.live("r" + reader, end);
      }
    }
    return story.end();
  }

  /** Delivers what is past the cursor, at least three messages where something is to be broken. */
  private static long deliver(
      Story story, String reader, List<Stored> log, long cursor, int upTo, Break broken) {
    List<Stored> due =
        new ArrayList<>(
            log.subList(0, upTo).stream().filter(stored -> stored.offset > cursor).toList());
    long last = due.isEmpty() ? cursor : due.getLast().offset;
    switch (broken) {
      case NOTHING -> {}
      case DROP_ONE -> due.remove(due.size() - 2);
      case REPEAT_ONE -> due.add(due.get(due.size() - 2));
      case SWAP_TWO -> due.add(due.remove(due.size() - 2));
    }
    for (Stored stored : due) {
      story.received(reader, stored.writer, stored.id, stored.offset);
    }
    return last;
  }
}
