package io.lqrealtime.gateway.history;

import io.lqrealtime.embedded.EmbeddedKafka;
import io.lqrealtime.embedded.KafkaOptions;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** One broker for all test classes that ask for it as a parameter. */
final class SharedKafka implements ParameterResolver {
  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == EmbeddedKafka.class;
  }

  @Override
  public EmbeddedKafka resolveParameter(ParameterContext parameter, ExtensionContext context) {
    // What is closeable in the store is closed at the end of all tests.
    return context
        .getRoot()
        .getStore(Namespace.create(SharedKafka.class))
        .computeIfAbsent(
            EmbeddedKafka.class,
            type -> EmbeddedKafka.start(KafkaOptions.ephemeral()),
            EmbeddedKafka.class);
  }
}
