package io.lqrealtime.app.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.app.console.ConsolePage.Row;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.openqa.selenium.By;
import org.openqa.selenium.WindowType;

/**
 * What the console page does with any server that speaks {@code lq.v1}: a subclass names one. Every
 * test uses a channel of its own, so that a server with a memory does for all of them.
 */
@Timeout(120)
abstract class ConsolePageContract {
  private static Browser browser;

  private final String channel = "room." + UUID.randomUUID();

  @BeforeAll
  static void startBrowser() {
    browser = Browser.start();
  }

  @AfterAll
  static void stopBrowser() {
    if (browser != null) {
      browser.close();
    }
  }

  /** The server under test, running. */
  abstract ConsoleTarget target();

  final Browser browser() {
    return browser;
  }

  final String channel() {
    return channel;
  }

  final ConsolePage openPage() {
    return ConsolePage.open(browser.driver(), target());
  }

  @Test
  void page_loaded_complainsOfNothing() {
    browser.complaints();

    ConsolePage page = openPage();
    page.connect().subscribe(channel);

    assertThat(browser.complaints()).isEmpty();
    assertThat(browser.driver().getTitle()).isEqualTo("LQ Realtime console");
  }

  @Test
  void token_inFragment_leavesTheAddressBar() {
    openPage();

    assertThat(browser.driver().getCurrentUrl()).isEqualTo(target().page().toString());
  }

  @Test
  void publish_toOwnSubscription_appearsWithPositionTimeSenderAndLatencies() {
    ConsolePage page = openPage().connect().subscribe(channel);
    String user = page.text("fact-user");

    page.publish(channel, "{\"n\": 12345678901234567890}");

    page.awaitPayloads("{\"n\": 12345678901234567890}");
    page.awaitTrue("the ack in the row", () -> page.rows().getFirst().latency().contains("ack "));
    Row row = page.rows().getFirst();
    assertThat(row.channel()).isEqualTo(channel);
    assertThat(row.from()).isEqualTo(user);
    assertThat(row.time()).matches("\\d\\d:\\d\\d:\\d\\d\\.\\d{3}");
    assertThat(row.latency()).matches("-?[\\d.]+ m?s\\s+round trip [\\d.]+ m?s\\s+ack [\\d.]+ m?s");
    assertThat(page.text("publish-result")).contains("Durable at " + row.position());
    assertThat(page.texts("#subscriptions .at").getFirst())
        .contains("1 message", "at " + row.position());
  }

  @Test
  void controlEnter_inThePayload_publishes() {
    ConsolePage page = openPage().connect().subscribe(channel);

    page.publishByKey(channel, "[1]").awaitPayloads("[1]");
  }

  @Test
  void payload_thatIsNotJson_isExplainedAndNotSent() {
    ConsolePage page = openPage().connect().subscribe(channel);

    page.publish(channel, "{not json}");

    assertThat(page.text("payload-error")).startsWith("Not JSON:");
    assertThat(page.element("payload").getDomAttribute("aria-invalid")).isEqualTo("true");
    assertThat(page.text("publish-result")).isEqualTo("Nothing was sent.");
    // What is sent next comes alone: the former would have come before it.
    page.publish(channel, "\"valid\"").awaitPayloads("\"valid\"");
    assertThat(page.isShown("payload-error")).isFalse();
  }

  @Test
  void markup_inAPayload_isShownAsText() {
    String payload =
        "{\"a\":\"<img src=x onerror='window.pwned=1'><script>window.pwned=1</script>\"}";
    ConsolePage page = openPage().connect().subscribe(channel);

    page.publish(channel, payload).awaitPayloads(payload);

    assertThat(page.script("return document.querySelectorAll('#rows img, #rows script').length"))
        .isEqualTo(0L);
    assertThat(page.script("return 'pwned' in window")).isEqualTo(false);
  }

  @Test
  void sinceEarliest_replaysWhatTheChannelHolds() {
    ConsolePage page = openPage().connect();
    for (String payload : new String[] {"1", "2", "3"}) {
      page.publish(channel, payload)
          .awaitTrue("ack", () -> page.text("publish-result").startsWith("Durable"));
      page.script("document.getElementById('publish-result').textContent = ''");
    }

    page.subscribe(channel, "earliest");

    page.awaitPayloads("3", "2", "1");
    assertThat(page.rows()).extracting(Row::latency).allMatch(text -> text.contains("replayed"));
  }

  @Test
  void presence_ofASubscribedChannel_showsWhoComesAndGoes() {
    ConsolePage page = openPage().connect().subscribe(channel);
    String user = page.text("fact-user");
    page.await("members", page::members, List.of(user));
    String first = browser.driver().getWindowHandle();

    browser.driver().switchTo().newWindow(WindowType.TAB);
    openPage().connect().subscribe(channel);
    String second = browser.driver().getWindowHandle();
    browser.driver().switchTo().window(first);
    page.await("counts", () -> page.text("presence-counts"), "1 user, 2 connections");
    assertThat(page.members()).containsExactly(user, user);
    assertThat(page.texts("#members .chip")).containsExactly("you");

    browser.driver().switchTo().window(second).close();
    browser.driver().switchTo().window(first);
    page.await("counts", () -> page.text("presence-counts"), "1 user, 1 connection");
    assertThat(page.texts("#presence-events li span")).startsWith(user + " left", user + " joined");
    assertThat(browser.driver().getWindowHandles()).isEqualTo(Set.of(first));
  }

  @Test
  void leave_endsTheSubscription() {
    ConsolePage page = openPage().connect().subscribe(channel).subscribe(channel + ".other");

    page.element("subscriptions")
        .findElement(By.cssSelector("li[data-channel='" + channel + "'] button"))
        .click();
    page.publish(channel, "\"unheard\"")
        .publish(channel + ".other", "\"heard\"")
        .awaitPayloads("\"heard\"");
  }
}
