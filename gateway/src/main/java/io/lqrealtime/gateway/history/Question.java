package io.lqrealtime.gateway.history;

import io.lqrealtime.gateway.session.History;
import io.lqrealtime.gateway.session.History.Page;
import io.lqrealtime.gateway.session.History.Start;
import io.lqrealtime.id.TenantId;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What somebody wants to know, until it is answered. Confined to history's thread once asked. */
sealed interface Question {
  int partition();

  /** Whose turn it takes. */
  TenantId tenant();

  /** Whether anybody still wants the answer. */
  boolean isWanted();

  /** When it was asked, of {@link System#nanoTime}. */
  long askedNanos();

  /** Who waits for an answer, and since when. */
  record Asker<T>(History.Reader reader, Consumer<T> answer, long askedNanos) {}

  /** Where a reader starts. */
  record Beginning(int partition, History.From from, Asker<Start> asker) implements Question {
    @Override
    public TenantId tenant() {
      return asker.reader().tenant();
    }

    @Override
    public boolean isWanted() {
      return asker.reader().isWaiting();
    }

    @Override
    public long askedNanos() {
      return asker.askedNanos();
    }
  }

  /** A page, for everybody who asked for the same one, and how far it has been looked for. */
  final class Reading implements Question {
    private static final long UNKNOWN = -1;

    final History.Request request;
    final Names names;
    final List<Asker<Page>> askers = new ArrayList<>(1);

    /** Up to here there is nothing of the channel past {@code request.after}. */
    long cursor;

    long spentNanos;
    private long upTo;

    Reading(History.Request request, Asker<Page> asker) {
      this.request = request;
      this.names = Names.of(request.channel());
      this.cursor = request.after();
      this.upTo = isToTheEnd() ? UNKNOWN : request.upTo();
      askers.add(asker);
    }

    @Override
    public int partition() {
      return request.partition();
    }

    @Override
    public TenantId tenant() {
      return request.channel().tenant();
    }

    @Override
    public boolean isWanted() {
      for (Asker<Page> asker : askers) {
        if (asker.reader().isWaiting()) {
          return true;
        }
      }
      return false;
    }

    @Override
    public long askedNanos() {
      return askers.getFirst().askedNanos();
    }

    boolean isToTheEnd() {
      return request.upTo() == History.END;
    }

    /** Whether somebody else may have the same answer: not after the end has been looked up. */
    boolean isOpen() {
      return !isToTheEnd() || upTo == UNKNOWN;
    }

    /** Up to which offset, with an end that was not looked up before anybody asked. */
    long upTo(LogOffsets offsets) {
      if (upTo == UNKNOWN) {
        upTo = offsets.endSince(partition(), askers.getLast().askedNanos()) - 1;
      }
      return upTo;
    }
  }
}
