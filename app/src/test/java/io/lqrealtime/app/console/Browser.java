package io.lqrealtime.app.console;

import static org.assertj.core.api.Assertions.fail;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/**
 * A headless Chromium of this machine, with an empty profile that is deleted afterwards.
 *
 * <p>Found at {@code /usr/bin/chromium} and {@code /usr/bin/chromedriver}, or where the environment
 * variables {@code LQ_CHROMIUM} and {@code LQ_CHROMEDRIVER} say. Nothing is ever downloaded:
 * without a browser the test is skipped, or fails where {@code REQUIRE_BROWSER=1}.
 */
final class Browser implements AutoCloseable {
  /** Warns of every Chromium newer than itself; held, since loggers are collected. */
  private static final Logger DEVTOOLS = Logger.getLogger("org.openqa.selenium.devtools");

  static {
    DEVTOOLS.setLevel(Level.SEVERE);
  }

  private final Path profile;
  private final ChromeDriver driver;

  private Browser(Path profile, ChromeDriver driver) {
    this.profile = profile;
    this.driver = driver;
  }

  static Browser start() {
    Path chromium = Path.of(System.getenv().getOrDefault("LQ_CHROMIUM", "/usr/bin/chromium"));
    Path chromedriver =
        Path.of(System.getenv().getOrDefault("LQ_CHROMEDRIVER", "/usr/bin/chromedriver"));
    for (Path needed : List.of(chromium, chromedriver)) {
      if (!Files.isExecutable(needed)) {
        skipOrFail(
            "The console page was not tested: there is no %s. Install chromium and its driver, or"
                    .formatted(needed)
                + " set LQ_CHROMIUM and LQ_CHROMEDRIVER.");
      }
    }
    Path profile = emptyProfile();
    try {
      return new Browser(profile, launch(chromium, chromedriver.toFile(), profile));
    } catch (RuntimeException e) {
      delete(profile);
      throw e;
    }
  }

  private static Path emptyProfile() {
    try {
      return Files.createTempDirectory("lq-console-browser");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void skipOrFail(String why) {
    if ("1".equals(System.getenv("REQUIRE_BROWSER"))) {
      fail(why);
    }
    Assumptions.abort(why);
  }

  private static ChromeDriver launch(Path chromium, File chromedriver, Path profile) {
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    ChromeOptions options = new ChromeOptions();
    options.setBinary(chromium.toString());
    options.setCapability("goog:loggingPrefs", logs);
    options.addArguments(
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--window-size=1440,900",
        "--user-data-dir=" + profile);
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(chromedriver)
            .usingAnyFreePort()
            .withSilent(true)
            .build();
    return new ChromeDriver(service, options);
  }

  ChromeDriver driver() {
    return driver;
  }

  /** What the page complained of since the last call: errors and refusals, not what it noted. */
  List<String> complaints() {
    return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
        .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
        .map(entry -> entry.getLevel() + " " + entry.getMessage())
        .toList();
  }

  void useColorScheme(String scheme) {
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
  }

  void useViewport(int width, int height) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
  }

  @Override
  public void close() {
    driver.quit();
    delete(profile);
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
