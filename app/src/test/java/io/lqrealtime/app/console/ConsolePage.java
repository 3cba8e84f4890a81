package io.lqrealtime.app.console;

import static org.assertj.core.api.Assertions.fail;

import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.openqa.selenium.By;
import org.openqa.selenium.JavascriptExecutor;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebDriver;
import org.openqa.selenium.WebElement;

/**
 * What one does on the console page, and what one sees there. Waits for what is awaited, 10 s at
 * most.
 */
final class ConsolePage {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** A line of the list of messages, as it is shown. */
  record Row(
      String time, String channel, String from, String payload, String latency, String position) {}

  private final WebDriver driver;

  private ConsolePage(WebDriver driver) {
    this.driver = driver;
  }

  /** Loads the page afresh, with the token in the fragment. */
  static ConsolePage open(WebDriver driver, ConsoleTarget target) {
    return load(driver, target.page() + "#token=" + target.token());
  }

  static ConsolePage load(WebDriver driver, String address) {
    driver.get("about:blank"); // a change of the fragment alone would load nothing
    driver.get(address);
    return new ConsolePage(driver);
  }

  ConsolePage connect() {
    element("connect").click();
    return awaitState("Connected");
  }

  ConsolePage subscribe(String channel) {
    return subscribe(channel, "");
  }

  /** Subscribes, and waits until what comes is live. */
  ConsolePage subscribe(String channel, String since) {
    fill("subscribe-channel", channel);
    choose("since", since);
    element("subscribe").click();
    return awaitLive(channel);
  }

  ConsolePage awaitLive(String channel) {
    By chip = By.cssSelector("#subscriptions li[data-channel='" + channel + "'] .chip");
    return await(
        "subscription of " + channel + " to be live",
        () -> driver.findElements(chip).stream().map(WebElement::getText).toList(),
        List.of("live"));
  }

  ConsolePage publish(String channel, String json) {
    fill("publish-channel", channel);
    fill("payload", json);
    element("publish").click();
    return this;
  }

  /** Publishes with the keyboard alone. */
  ConsolePage publishByKey(String channel, String json) {
    fill("publish-channel", channel);
    fill("payload", json);
    element("payload").sendKeys(Keys.chord(Keys.CONTROL, Keys.ENTER));
    return this;
  }

  ConsolePage awaitState(String text) {
    return await("state", () -> text("state"), text);
  }

  /** Waits until exactly these payloads are listed, newest first. */
  ConsolePage awaitPayloads(String... payloads) {
    return await("payloads", () -> rows().stream().map(Row::payload).toList(), List.of(payloads));
  }

  <T> ConsolePage await(String what, Supplier<T> actual, T expected) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    T seen = actual.get();
    while (!expected.equals(seen)) {
      if (System.nanoTime() > deadline) {
        fail("%s: awaited <%s>, but it is <%s>", what, expected, seen);
      }
      pause();
      seen = actual.get();
    }
    return this;
  }

  ConsolePage awaitTrue(String what, BooleanSupplier condition) {
    return await(what, condition::getAsBoolean, true);
  }

  private static void pause() {
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /**
   * The messages listed, newest first; read at once, since the list may change between two reads.
   */
  List<Row> rows() {
    Object cells =
        script(
            """
            return [...document.querySelectorAll('#rows tr:not(.mark)')]
              .filter((row) => !row.hidden)
              .map((row) => ['time', 'channel', 'from', 'payload', 'latency', 'position']
                .map((name) => [...row.querySelector('.' + name).childNodes]
                  .map((node) => node.textContent).join(' ')));
            """);
    return ((List<?>) cells).stream().map(row -> row((List<?>) row)).toList();
  }

  private static Row row(List<?> cells) {
    List<String> texts = cells.stream().map(String::valueOf).toList();
    return new Row(
        texts.get(0), texts.get(1), texts.get(2), texts.get(3), texts.get(4), texts.get(5));
  }

  /** The lines between the messages, newest first. */
  List<String> marks() {
    return texts("#rows tr.mark");
  }

  List<String> alerts() {
    return texts("#alerts .alert p");
  }

  List<String> members() {
    return texts("#members .member b");
  }

  List<String> texts(String selector) {
    Object texts =
        script(
            "return [...document.querySelectorAll(arguments[0])].map((it) => it.innerText);",
            selector);
    return ((List<?>) texts).stream().map(String::valueOf).toList();
  }

  String text(String id) {
    return element(id).getText();
  }

  WebElement element(String id) {
    return driver.findElement(By.id(id));
  }

  boolean isShown(String id) {
    return element(id).isDisplayed();
  }

  void fill(String id, String value) {
    WebElement field = element(id);
    field.clear();
    field.sendKeys(value);
  }

  void choose(String id, String value) {
    element(id).findElement(By.cssSelector("option[value='" + value + "']")).click();
  }

  Object script(String code, Object... arguments) {
    return ((JavascriptExecutor) driver).executeScript(code, arguments);
  }
}
