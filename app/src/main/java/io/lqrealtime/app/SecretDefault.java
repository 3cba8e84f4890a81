package io.lqrealtime.app;

import io.lqrealtime.app.dev.DevSecrets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * {@code --secret} of a command is the environment's token secret, and where that has none, that of
 * {@code dev}'s default data: a newcomer makes tokens and measures with no option at all.
 */
final class SecretDefault implements IDefaultValueProvider {
  private final Map<String, String> environment;

  SecretDefault(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public @Nullable String defaultValue(ArgSpec argument) {
    if (!(argument instanceof OptionSpec option) || !option.longestName().equals("--secret")) {
      return null;
    }
    String secret = environment.getOrDefault("LQ_AUTH_HS256_SECRET", "");
    // An empty one is none, as for a gateway.
    return secret.isBlank()
        ? DevSecrets.find(DevSecrets.DEFAULT_DIRECTORY).map(DevSecrets::tokenSecret).orElse(null)
        : secret;
  }
}
