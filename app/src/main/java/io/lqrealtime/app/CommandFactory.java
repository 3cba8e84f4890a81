package io.lqrealtime.app;

import io.lqrealtime.config.Environment;
import java.lang.reflect.Constructor;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.IFactory;

/**
 * Makes the commands, and what they have in common: who is configured by the environment is made
 * with it, so that a command may also run in a process that has another.
 */
final class CommandFactory implements IFactory {
  private final IFactory others = CommandLine.defaultFactory();
  private final Environment environment;

  CommandFactory(Environment environment) {
    this.environment = environment;
  }

  @Override
  public <K> K create(Class<K> type) throws Exception {
    boolean isConfigured =
        Stream.of(type.getDeclaredConstructors()).anyMatch(CommandFactory::takesEnvironment);
    if (!isConfigured) {
      return others.create(type);
    }
    Constructor<K> constructor = type.getDeclaredConstructor(Environment.class);
    constructor.setAccessible(true);
    return constructor.newInstance(environment);
  }

  private static boolean takesEnvironment(Constructor<?> constructor) {
    return constructor.getParameterCount() == 1
        && constructor.getParameterTypes()[0] == Environment.class;
  }
}
