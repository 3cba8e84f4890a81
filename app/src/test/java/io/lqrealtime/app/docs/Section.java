package io.lqrealtime.app.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A part of a document between two marks, which is written or checked by the code. */
public record Section(String file, String name) {
  private Pattern pattern() {
    return Pattern.compile(
        "(<!-- %s:begin[^>]*-->\n)(.*?)(<!-- %s:end -->)".formatted(name, name), Pattern.DOTALL);
  }

  public String text() {
    Matcher matcher = pattern().matcher(Repository.read(file));
    if (!matcher.find()) {
      throw new AssertionError(file + " has no section " + name);
    }
    return matcher.group(2);
  }

  public void write(String text) {
    String whole = Repository.read(file);
    String changed =
        pattern()
            .matcher(whole)
            .replaceFirst(found -> found.group(1).concat(text) + found.group(3));
    try {
      Files.writeString(Repository.path(file), changed);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The texts in backticks of the first column of the section's table. */
  public List<String> firstColumn() {
    List<String> names = new ArrayList<>();
    for (String line : text().lines().toList()) {
      if (line.startsWith("| `")) {
        Matcher code = Pattern.compile("`([^`]+)`").matcher(line.split(" \\| ", -1)[0]);
        while (code.find()) {
          names.add(code.group(1));
        }
      }
    }
    return names;
  }
}
