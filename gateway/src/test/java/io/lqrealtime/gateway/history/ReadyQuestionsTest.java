package io.lqrealtime.gateway.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.gateway.session.History.From;
import io.lqrealtime.id.TenantId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class ReadyQuestionsTest {
  private final ReadyQuestions ready = new ReadyQuestions();

  private Question add(String tenant, int number) {
    Question question =
        new Question.Beginning(
            number,
            new From.Earliest(),
            new Question.Asker<>(
                Asking.reader(new TenantId(tenant), new AtomicBoolean(true)), start -> {}, 0));
    ready.add(question);
    return question;
  }

  private List<String> all() {
    List<String> all = new ArrayList<>();
    for (Question next = ready.poll(); next != null; next = ready.poll()) {
      all.add(next.tenant() + " " + next.partition());
    }
    return all;
  }

  @Test
  void tenantsTakeTurns_eachInTheOrderInWhichItAsked() {
    for (int i = 0; i < 4; i++) {
      add("acme", i);
    }
    add("globex", 0);
    add("globex", 1);
    add("initech", 0);

    assertThat(all())
        .containsExactly(
            "acme 0", "globex 0", "initech 0", "acme 1", "globex 1", "acme 2", "acme 3");
    assertThat(ready.isEmpty()).isTrue();
  }

  @Test
  void questionThatWantsAnotherTurn_goesToTheEndOfItsTenants() {
    for (int i = 0; i < 3; i++) {
      add("acme", i);
    }
    add("globex", 0);
    Question again = ready.poll();
    assertThat(again).isNotNull();
    ready.add(again);

    assertThat(all()).containsExactly("globex 0", "acme 1", "acme 2", "acme 0");
  }
}
