package io.lqrealtime.router.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lqrealtime.record.RecordFormatException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RecentIdsTest {
  private static final long WINDOW = 120_000;
  private static final int MANY = 1_000_000;

  private final IdBudget budget = new IdBudget(MANY);
  private final RecentIds ids = new RecentIds(WINDOW, budget);

  private record Seen(long offset, long time) {}

  /**
   * Against a map of lists that forgets nothing, over many slabs, tables that grow, restorations.
   */
  @Test
  void random_agreesWithAPlainMap_alsoOnceRestored() {
    long seed = 11;
    Random random = new Random(seed);
    Map<IdFingerprint, List<Seen>> plain = new HashMap<>();
    RecentIds present = ids;
    List<Change.IdsSaved> stored = new ArrayList<>();
    long time = 1_000_000;
    for (long offset = 0; offset < 60_000; offset++) {
      time += random.nextInt(12);
      IdFingerprint id = id(random.nextInt(20_000));
      long at = offset;
      long now = time;
      boolean expected =
          plain.getOrDefault(id, List.of()).stream()
              .anyMatch(seen -> seen.offset() < at && now - seen.time() <= WINDOW);
      assertThat(present.isRepeat(id, offset, time)).as("seed %d", seed).isEqualTo(expected);
      if (!expected) {
        present.seen(id, offset, time);
        plain.computeIfAbsent(id, i -> new ArrayList<>()).add(new Seen(offset, time));
      }
      if (random.nextInt(500) == 0) {
        stored.addAll(save(present));
        removeExpired(present, stored, time);
      }
      if (random.nextInt(15_000) == 0) {
        stored.addAll(save(present));
        present.close();
        present = new RecentIds(WINDOW, budget);
        for (Change.IdsSaved saved : stored) {
          present.saved(saved.chunk(), saved.value());
        }
      }
    }
    assertThat(budget.held()).isPositive();
    present.close();
    assertThat(budget.held()).isZero();
    assertThat(budget.dropped()).isZero();
  }

  @Test
  void expiredSlab_goesOnceItIsOlderThanTheWindowAndAQuarter() {
    ids.seen(id(1), 1, 0);
    ids.seen(id(2), 2, WINDOW);
    save(ids);

    long end = WINDOW + WINDOW / 4;
    assertThat(ids.expired(end, 10)).isEmpty();
    assertThat(ids.expired(end + 1, 10)).containsExactly(new Change.IdsForgotten(1));
    ids.forget(1);
    assertThat(ids.isRepeat(id(1), 3, 10)).isFalse();
    assertThat(ids.isRepeat(id(2), 3, WINDOW)).isTrue();
    assertThat(budget.held()).isEqualTo(1);
    Chunk chunk = new Chunk(Chunk.Kind.IDS, 1, 2);
    assertThat(ids.expired(end + 1, 10)).containsExactly(new Change.ChunkRemoved(chunk));
    ids.removed(chunk);
    assertThat(ids.expired(end + 1, 10)).isEmpty();
  }

  @Test
  void budget_dropsTheOldestSlabEarly_andCounts() {
    IdBudget small = new IdBudget(10);
    RecentIds bounded = new RecentIds(WINDOW, small);
    for (int i = 0; i < 8; i++) {
      bounded.seen(id(i), i, 0);
    }
    for (int i = 8; i < 11; i++) {
      bounded.seen(id(i), i, WINDOW / 2);
    }

    assertThat(small.held()).isEqualTo(3);
    assertThat(small.dropped()).isEqualTo(8);
    assertThat(bounded.isRepeat(id(0), 20, 1)).isFalse();
    assertThat(bounded.isRepeat(id(10), 20, WINDOW / 2)).isTrue();
  }

  @Test
  void budget_ofLessThanASlab_startsOver() {
    RecentIds bounded = new RecentIds(WINDOW, new IdBudget(3));
    for (int i = 0; i < 10; i++) {
      bounded.seen(id(i), i, 0);
    }

    assertThat(bounded.isRepeat(id(9), 20, 0)).isTrue();
    assertThat(bounded.isRepeat(id(0), 20, 0)).isFalse();
    assertThat(save(bounded)).as("what is dropped is not stored").hasSize(1);
  }

  @Test
  void timesOfAnyKind_holdABoundedNumberOfSlabs() {
    Random random = new Random(5);
    for (int i = 0; i < 2_000; i++) {
      ids.seen(id(i), i, random.nextLong(1L << 50));
    }

    assertThat(budget.held()).isEqualTo(RecentIds.MAX_SLABS);
    assertThat(ids.isRepeat(id(0), 5_000, 0)).isFalse();
  }

  @Test
  void chunks_areOneForACommit_andOneMoreWhereOffsetsOrTimesSpreadFar() {
    for (int i = 0; i < 100; i++) {
      ids.seen(id(i), i, 1_000 + i);
    }
    assertThat(save(ids)).hasSize(1);
    assertThat(save(ids)).isEmpty();

    ids.seen(id(200), 200, 1_200);
    ids.seen(id(201), 200 + 0xffff, 1_201);
    ids.seen(id(202), 200 + 0x10000, 1_202);
    assertThat(save(ids)).hasSize(2);
    assertThat(ids.isRepeat(id(202), 1L << 40, 1_202)).isTrue();
  }

  @Test
  void brokenChunks_areRefused() {
    ids.seen(id(1), 1, 1);
    byte[] value = save(ids).getFirst().value();
    byte[] newer = value.clone();
    newer[0] = 9;

    for (byte[] broken :
        List.of(new byte[0], new byte[17], java.util.Arrays.copyOf(value, 36), newer)) {
      assertThatExceptionOfType(RecordFormatException.class)
          .isThrownBy(() -> IdChunk.check(broken));
    }
  }

  @Test
  void chunksThatOverlap_asASuccessorsAndAPredecessorsDo_areBothRestored() {
    RecentIds former = new RecentIds(WINDOW, budget);
    RecentIds successor = new RecentIds(WINDOW, budget);
    former.seen(id(1), 1, 1);
    former.seen(id(2), 2, 2);
    successor.seen(id(1), 1, 1);
    successor.seen(id(2), 2, 2);
    successor.seen(id(3), 3, 3);

    for (RecentIds source : List.of(former, successor)) {
      save(source).forEach(saved -> ids.saved(saved.chunk(), saved.value()));
    }
    assertThat(ids.isRepeat(id(1), 9, 9)).isTrue();
    assertThat(ids.isRepeat(id(3), 9, 9)).isTrue();
    assertThat(ids.isRepeat(id(3), 3, 3)).isFalse();
  }

  private static List<Change.IdsSaved> save(RecentIds from) {
    List<Change.IdsSaved> saved =
        from.unsaved().stream().map(change -> (Change.IdsSaved) change).toList();
    saved.forEach(change -> from.saved(change.chunk(), change.value()));
    return saved;
  }

  private static void removeExpired(RecentIds from, List<Change.IdsSaved> stored, long time) {
    for (Change change : from.expired(time, 3)) {
      switch (change) {
        case Change.IdsForgotten forgotten -> from.forget(forgotten.from());
        case Change.ChunkRemoved removed -> {
          from.removed(removed.chunk());
          assertThat(stored.removeIf(saved -> saved.chunk().equals(removed.chunk()))).isTrue();
        }
        default -> throw new AssertionError(change);
      }
    }
  }

  /** Fingerprints whose low bits are alike for many, so that slots collide. */
  private static IdFingerprint id(int number) {
    return new IdFingerprint(number * 0x9e3779b97f4a7c15L, number / 4);
  }
}
