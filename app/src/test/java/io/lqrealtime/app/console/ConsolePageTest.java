package io.lqrealtime.app.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lqrealtime.app.console.ConsolePage.Row;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The console page in a browser, against a server that a test can make do anything. */
class ConsolePageTest extends ConsolePageContract {
  private static StandInServer server;

  @BeforeAll
  static void startServer() {
    server = new StandInServer();
  }

  @AfterAll
  static void stopServer() {
    if (server != null) { // not started where the browser is missing
      server.close();
    }
  }

  @Override
  ConsoleTarget target() {
    return new ConsoleTarget(server.page(), StandInServer.token("acme", "alice"));
  }

  @Test
  void dropped_withCode1012_resubscribesFromTheLastPositionAndShowsWhatWasMissed() {
    ConsolePage page = openPage().connect().subscribe(channel());
    page.publish(channel(), "1").awaitPayloads("1");
    String seen = page.rows().getFirst().position();

    server.hub().closeAll(1012, "drain");
    server.hub().append(channel(), "backend", "2");
    server.hub().append(channel(), "backend", "3");

    page.awaitPayloads("3", "2", "1").awaitState("Connected").awaitLive(channel());
    List<JsonNode> subscribes = server.hub().received("subscribe", channel());
    assertThat(subscribes).hasSize(2);
    assertThat(subscribes.getFirst().has("since")).isFalse();
    assertThat(subscribes.getLast().path("since").asText()).isEqualTo(seen);
    assertThat(page.marks()).singleElement().asString().contains("resumed where it was");
    assertThat(page.texts("#events li span"))
        .anyMatch(text -> text.contains("the server drains (1012: drain)"));
    server.hub().append(channel(), "backend", "4");
    page.awaitPayloads("4", "3", "2", "1");
    assertThat(page.rows().getFirst().latency()).doesNotContain("replayed");
  }

  @Test
  void dropped_whileRetentionOvertakes_tellsOfTheGapAndGoesOnLive() {
    ConsolePage page = openPage().connect().subscribe(channel());
    page.publish(channel(), "1").awaitPayloads("1");

    server.hub().append(channel(), "backend", "2");
    page.awaitPayloads("2", "1");
    server.hub().append("room.elsewhere", "backend", "0");
    server.hub().forget();
    server.hub().closeAll(1001, "");

    page.awaitTrue("the gap", () -> !page.marks().isEmpty()).awaitLive(channel());
    assertThat(page.alerts()).singleElement().asString().startsWith("Gap in " + channel());
    assertThat(page.marks()).singleElement().asString().contains("a gap before");
    server.hub().append(channel(), "backend", "3");
    page.awaitPayloads("3", "2", "1");
  }

  @Test
  void markup_inNamesAndErrors_isShownAsText() {
    String evil = "<img src=x onerror=window.pwned=1>";
    ConsolePage page = openPage().connect().subscribe(channel());

    server.hub().append(channel(), evil, "\"<b>bold</b>\"");
    server.hub().say(error(evil));
    server.hub().say(join(channel(), evil));

    page.awaitPayloads("\"<b>bold</b>\"")
        .awaitTrue("the error", () -> !page.alerts().isEmpty())
        .awaitTrue("the join", () -> !page.texts("#presence-events li").isEmpty());
    assertThat(page.rows().getFirst().from()).isEqualTo(evil);
    assertThat(page.alerts().getFirst()).contains(evil);
    assertThat(page.texts("#presence-events li span").getFirst()).isEqualTo(evil + " joined");
    assertThat(
            page.script(
                "return document.querySelectorAll('main img, #rows b, .alerts img').length"))
        .isEqualTo(0L);
    assertThat(page.script("return 'pwned' in window")).isEqualTo(false);
  }

  @Test
  void markup_inAChannelsName_isShownAsText() {
    String evil = "<img/src=x/onerror=window.pwned=1>";
    ConsolePage page = openPage().connect().subscribe(channel());

    // No server sends a channel that nobody subscribed to; the page would drop it, and nothing
    // else.
    server.hub().append(channel(), "backend", "\"before\"");
    server
        .hub()
        .say(
            "{\"type\":\"message\",\"channel\":\"%s\",\"position\":\"p\",\"time\":1,\"payload\":1}"
                .formatted(evil));
    page.fill("subscribe-channel", evil);
    page.element("subscribe").click();

    page.awaitPayloads("\"before\"");
    assertThat(page.text("subscribe-error")).startsWith("A channel’s name is");
    page.fill("publish-channel", evil);
    page.element("publish").click();
    page.awaitTrue("the publish", () -> !server.hub().received("publish", evil).isEmpty());
    assertThat(page.script("return document.querySelectorAll('main img').length")).isEqualTo(0L);
    assertThat(page.script("return 'pwned' in window")).isEqualTo(false);
  }

  @Test
  void frames_thatNobodyUnderstands_areShownAsErrorsAndDisturbNothing() {
    ConsolePage page = openPage().connect().subscribe(channel());

    server.hub().say("{\"type\":");
    server.hub().append(channel(), "backend", "\"after\"");

    page.awaitPayloads("\"after\"");
    assertThat(page.alerts()).singleElement().asString().startsWith("Error: bad_frame");
  }

  @Test
  void payload_thatIsNotJson_reachesNoServer() {
    ConsolePage page = openPage().connect();

    page.publish(channel(), "{").publish(channel(), "").publish(channel(), "1 2");
    page.publish(channel(), "\"valid\"")
        .awaitTrue("ack", () -> page.text("publish-result").startsWith("Durable"));

    assertThat(server.hub().received("publish", channel()))
        .extracting(frame -> frame.path("payload").asText())
        .containsExactly("valid");
  }

  @Test
  void publish_refusedAsUnavailable_isTriedAgainWithTheSameId() {
    ConsolePage page = openPage().connect().subscribe(channel() + ".unavailable");

    page.publish(channel() + ".unavailable", "\"late\"").awaitPayloads("\"late\"");

    List<JsonNode> tries = server.hub().received("publish", channel() + ".unavailable");
    assertThat(tries).hasSize(2);
    assertThat(tries.getLast().path("id")).isEqualTo(tries.getFirst().path("id"));
  }

  @Test
  void list_keepsTheLast500() {
    ConsolePage page = openPage().connect().subscribe(channel());

    IntStream.rangeClosed(1, 620)
        .forEach(n -> server.hub().append(channel(), "backend", String.valueOf(n)));

    page.awaitTrue(
        "the newest",
        () -> !page.rows().isEmpty() && page.rows().getFirst().payload().equals("620"));
    List<Row> rows = page.rows();
    assertThat(rows).hasSize(500);
    assertThat(rows.getLast().payload()).isEqualTo("121");
    page.await("count", () -> page.text("total"), "620");
  }

  @Test
  void pause_holdsMessagesBack_filterHidesThem_clearRemovesThem() {
    ConsolePage page = openPage().connect().subscribe(channel());
    server.hub().append(channel(), "backend", "\"apple\"");
    page.awaitPayloads("\"apple\"");

    page.element("pause").click();
    server.hub().append(channel(), "backend", "\"pear\"");
    page.await("note", () -> page.text("list-note"), "Paused; 1 new.");
    page.awaitPayloads("\"apple\"");
    page.element("pause").click();
    page.awaitPayloads("\"pear\"", "\"apple\"");

    page.fill("filter", "PEA");
    page.awaitPayloads("\"pear\"");
    assertThat(page.text("list-note")).isEqualTo("1 of 2 match the filter.");
    page.fill("filter", " ");
    page.awaitPayloads("\"pear\"", "\"apple\"");

    page.element("clear").click();
    page.awaitPayloads();
  }

  @Test
  void position_clicked_isOfferedAsSince() {
    ConsolePage page = openPage().connect().subscribe(channel());
    server.hub().append(channel(), "backend", "1");
    server.hub().append(channel(), "backend", "2");
    page.awaitPayloads("2", "1");

    page.script("document.querySelectorAll('#rows .position button')[1].click()");
    page.element("subscribe").click();

    page.awaitPayloads("2", "2", "1").awaitLive(channel());
  }

  @Test
  void disconnected_byAnOperator_saysSoAndStaysAway() {
    ConsolePage page = openPage().connect().subscribe(channel());

    server.hub().closeAll(4403, "spam");

    page.awaitState("Stopped");
    assertThat(page.alerts())
        .containsExactly("Stopped: disconnected by an operator or a backend (4403: spam)");
    assertThat(page.isShown("connect")).isTrue();
    page.connect().awaitLive(channel());
  }

  @Test
  void token_thatTheServerRefuses_isExplained() {
    ConsoleTarget target = target();
    server.refuse(target.token());
    ConsolePage page = ConsolePage.open(browser().driver(), target);

    page.element("connect").click();

    page.awaitState("Stopped");
    assertThat(page.alerts())
        .containsExactly("The server refuses the token: this token is not liked here");
  }

  @Test
  void developmentToken_ofAServerThatWasStartedAnew_isReplaced() {
    ConsolePage page = ConsolePage.load(browser().driver(), server.page().toString());
    page.awaitTrue("the offer", () -> page.isShown("dev-token"));
    server.refuse(String.valueOf(page.element("token").getDomProperty("value")));

    page.connect();

    assertThat(page.text("fact-user")).isEqualTo("dev");
    assertThat(page.alerts()).isEmpty();
  }

  @Test
  void token_thatIsNone_isExplained() {
    ConsolePage page = ConsolePage.load(browser().driver(), server.page() + "#token=nonsense");

    page.element("connect").click();

    page.awaitTrue("the error", () -> !page.alerts().isEmpty());
    assertThat(page.alerts().getFirst()).contains("not a JWT");
    page.awaitState("Not connected");
  }

  @Test
  void developmentToken_whereTheServerOffersOne_isFilledIn() {
    ConsolePage page = ConsolePage.load(browser().driver(), server.page().toString());

    page.awaitTrue("the offer", () -> page.isShown("dev-token"));
    page.connect();

    assertThat(page.text("fact-user")).isEqualTo("dev");
  }

  @Test
  void developmentToken_whereTheServerOffersNone_isNotMentioned() {
    server.offerTokens(false);
    try {
      ConsolePage page = openPage().connect();

      assertThat(page.isShown("dev-token")).isFalse();
      assertThat(page.text("fact-user")).isEqualTo("alice");
    } finally {
      server.offerTokens(true);
    }
  }

  @Test
  void markup_ofThePage_hasNoScriptOrStyleOfItsOwn() {
    ConsolePage page = openPage();

    assertThat(
            page.script(
                "return [...document.querySelectorAll('*')].filter((e) => e.localName === 'style'"
                    + " || (e.localName === 'script' && !e.src) || [...e.attributes].some((a) =>"
                    + " a.name === 'style' || a.name.startsWith('on'))).length"))
        .isEqualTo(0L);
    assertThat(
            page.script(
                "return [...document.querySelectorAll('input, select, textarea, button')]"
                    + ".filter((e) => !(e.labels?.length || e.getAttribute('aria-label')"
                    + " || e.textContent.trim())).map((e) => e.id)"))
        .isEqualTo(List.of());
  }

  private static String error(String message) {
    return "{\"type\":\"error\",\"payload\":{\"code\":\"internal\",\"message\":\"%s\"}}"
        .formatted(message);
  }

  private static String join(String channel, String user) {
    return "{\"type\":\"join\",\"channel\":\"%s\",\"position\":\"p\",\"payload\":{\"user\":\"%s\",\"connection\":\"x\"}}"
        .formatted(channel, user);
  }
}
