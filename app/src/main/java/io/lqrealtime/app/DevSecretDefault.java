package io.lqrealtime.app;

import io.lqrealtime.app.dev.DevSecrets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Where the environment has no token secret, {@code --secret} of a command is that of {@code dev}'s
 * default data: a newcomer makes tokens and measures with no option at all.
 */
final class DevSecretDefault implements IDefaultValueProvider {

  @Override
  public @Nullable String defaultValue(ArgSpec argument) {
    boolean asked =
        argument instanceof OptionSpec option
            && option.longestName().equals("--secret")
            && !isSet(System.getenv("LQ_AUTH_HS256_SECRET"));
    return asked
        ? DevSecrets.find(DevSecrets.DEFAULT_DIRECTORY).map(DevSecrets::tokenSecret).orElse(null)
        : null;
  }

  /** An empty one is none, as for a gateway. */
  private static boolean isSet(@Nullable String value) {
    return value != null && !value.isBlank();
  }
}
