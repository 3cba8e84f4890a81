package io.lqrealtime.bench.command;

import io.lqrealtime.bench.attack.Attack;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@code publish}, {@code frames}, … */
final class AttackConverter implements ITypeConverter<Attack>, Iterable<String> {

  private static final List<String> NAMES =
      Arrays.stream(Attack.values()).map(Attack::toString).toList();

  @Override
  public Attack convert(String text) {
    return Arrays.stream(Attack.values())
        .filter(attack -> attack.toString().equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "need one of " + String.join(", ", NAMES) + ", not '" + text + "'"));
  }

  /** For the help text. */
  @Override
  public Iterator<String> iterator() {
    return NAMES.iterator();
  }
}
