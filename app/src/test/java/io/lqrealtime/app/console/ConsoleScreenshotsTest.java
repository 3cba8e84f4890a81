package io.lqrealtime.app.console;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WindowType;

/**
 * Pictures of the console page in use, for the eye and for the docs:
 *
 * <pre>mvn -q -pl app -am package -Dtest=ConsoleScreenshotsTest -Dlq.screenshots=DIR \
 *     -Dsurefire.failIfNoSpecifiedTests=false</pre>
 */
@EnabledIfSystemProperty(named = "lq.screenshots", matches = ".+")
class ConsoleScreenshotsTest {
  @Test
  void takePictures() throws IOException {
    Path directory = Files.createDirectories(Path.of(System.getProperty("lq.screenshots")));
    try (StandInServer server = new StandInServer();
        Browser browser = Browser.start()) {
      ConsoleTarget alice = new ConsoleTarget(server.page(), StandInServer.token("acme", "alice"));
      browser.useColorScheme("light");
      ConsolePage page = ConsolePage.open(browser.driver(), alice);
      page.awaitState("Not connected");
      take(browser, 1440, 900, directory.resolve("start.png"));
      fill(server, browser, page);

      take(browser, 1440, 900, directory.resolve("light.png"));
      take(browser, 1100, 800, directory.resolve("medium.png"));
      browser.useViewport(390, 1100);
      page.script("scrollTo(0, 0)");
      take(browser, 390, 1100, directory.resolve("narrow.png"));
      page.script("document.getElementById('messages').scrollIntoView()");
      take(browser, 390, 1100, directory.resolve("narrow-messages.png"));
      browser.useColorScheme("dark");
      take(browser, 1440, 900, directory.resolve("dark.png"));
      page.publish("room.1", "{\"text\": }");
      server.hub().forget();
      server.hub().closeAll(1001, "");
      page.awaitTrue("the gap", () -> !page.alerts().isEmpty());
      server
          .hub()
          .say("{\"type\":\"error\",\"payload\":{\"code\":\"internal\",\"message\":\"no\"}}");
      take(browser, 1440, 900, directory.resolve("trouble-dark.png"));
      browser.useColorScheme("light");
      server.refuse(alice.token());
      server.hub().closeAll(1012, "drain");
      page.awaitState("Stopped");
      take(browser, 1440, 900, directory.resolve("trouble-light.png"));
    }
  }

  private static void fill(StandInServer server, Browser browser, ConsolePage page) {
    for (String text : new String[] {"are you there?", "the build is green", "deploying at noon"}) {
      server.hub().append("room.1", "build-bot", "{\"text\":\"" + text + "\"}");
    }
    page.connect().subscribe("room.1", "earliest").subscribe("orders.eu.paid");
    String first = browser.driver().getWindowHandle();
    browser.driver().switchTo().newWindow(WindowType.TAB);
    ConsoleTarget bob = new ConsoleTarget(server.page(), StandInServer.token("acme", "bob"));
    ConsolePage.open(browser.driver(), bob).connect().subscribe("room.1");
    browser.driver().switchTo().window(first);
    page.choose("presence-channel", "room.1");
    page.await("members", () -> page.members().size(), 2);
    page.publish("room.1", "{\"text\": \"hello\"}");
    page.awaitTrue("ack", () -> page.rows().getFirst().latency().contains("ack"));
    for (int n = 0; n < 9; n++) {
      server
          .hub()
          .append(
              "orders.eu.paid",
              "shop",
              "{\"order\":\"A-10%02d\",\"total\":%d.50,\"lines\":[{\"sku\":\"QX-%d\",\"n\":2}]}"
                  .formatted(n, 20 + n * 7, n));
    }
    server.hub().append("room.1", "shop", "{\"text\":\"" + "long ".repeat(120) + "\"}");
    server.hub().closeAll(1012, "drain");
    server.hub().append("room.1", "bob", "{\"text\":\"sent while you were away\"}");
    page.awaitTrue("resumed", () -> page.marks().size() == 2)
        .awaitLive("room.1")
        .awaitState("Connected");
    page.publish("room.1", "{\"text\": \"and back again\"}");
    page.awaitTrue("ack", () -> page.rows().getFirst().latency().contains("ack"));
  }

  private static void take(Browser browser, int width, int height, Path file) throws IOException {
    browser.useViewport(width, height);
    Files.write(file, browser.driver().getScreenshotAs(OutputType.BYTES));
  }
}
