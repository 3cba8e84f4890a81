package io.lqrealtime.gateway.websocket;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The header {@code Sec-WebSocket-Extensions} as a client sends it (RFC 6455 section 9.1). */
final class Extensions {

  /**
   * An extension that the client offers, with its parameters in their order.
   *
   * @param name as it was sent: names of extensions are case-sensitive
   */
  record Offer(String name, List<Parameter> parameters) {
    Offer {
      parameters = List.copyOf(parameters);
    }
  }

  /**
   * @param value empty if there is none
   */
  record Parameter(String name, Optional<String> value) {}

  private Extensions() {}

  /**
   * The offers, those that the client likes best first.
   *
   * @param elements of the header, in one line or several: what stands between its commas
   * @return empty if one of them is not what the section says
   */
  static Optional<List<Offer>> parse(List<String> elements) {
    List<Offer> offers = new ArrayList<>(elements.size());
    for (String element : elements) {
      // A value that is quoted is a token as well, so that none has a semicolon or a comma in it.
      String[] parts = element.split(";", -1);
      String name = HttpText.withoutSpace(parts[0]);
      List<Parameter> parameters = new ArrayList<>(parts.length - 1);
      for (int i = 1; i < parts.length; i++) {
        Optional<Parameter> parameter = parameter(parts[i]);
        if (parameter.isEmpty()) {
          return Optional.empty();
        }
        parameters.add(parameter.get());
      }
      if (!HttpText.isToken(name)) {
        return Optional.empty();
      }
      offers.add(new Offer(name, parameters));
    }
    return Optional.of(offers);
  }

  private static Optional<Parameter> parameter(String text) {
    int equals = text.indexOf('=');
    String name = HttpText.withoutSpace(equals < 0 ? text : text.substring(0, equals));
    if (!HttpText.isToken(name)) {
      return Optional.empty();
    }
    if (equals < 0) {
      return Optional.of(new Parameter(name, Optional.empty()));
    }
    String value = unquoted(HttpText.withoutSpace(text.substring(equals + 1)));
    return HttpText.isToken(value)
        ? Optional.of(new Parameter(name, Optional.of(value)))
        : Optional.empty();
  }

  /** What a quoted string says (RFC 9110 section 5.6.4); anything else as it is. */
  private static String unquoted(String text) {
    int end = text.length() - 1;
    if (end < 1 || text.charAt(0) != '"' || text.charAt(end) != '"') {
      return text;
    }
    StringBuilder value = new StringBuilder(end);
    for (int i = 1; i < end; i++) {
      if (text.charAt(i) == '\\') {
        i++;
        if (i == end) {
          return text;
        }
      }
      value.append(text.charAt(i));
    }
    return value.toString();
  }
}
