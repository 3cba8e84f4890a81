package io.lqrealtime.config;

/**
 * A setting that can't be used. The message names the key, what it holds unless it is secret, and
 * what it may.
 */
public final class ConfigurationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ConfigurationException(String key, String problem) {
    super(key + ": " + problem);
  }
}
