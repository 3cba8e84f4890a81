package io.lqrealtime.id;

/**
 * A tenant: 1 to 200 characters of a channel's alphabet. The key of every record, so its UTF-8 form
 * decides the partition.
 *
 * <p>The constructor throws {@link IllegalArgumentException}, saying what is allowed.
 */
public record TenantId(String value) {
  public static final int MAX_LENGTH = 200;

  public TenantId {
    if (!isValid(value)) {
      throw new IllegalArgumentException(
          "a tenant is 1 to 200 characters out of A-Z a-z 0-9 _ - . : = @ , # /");
    }
  }

  public static boolean isValid(String value) {
    return Names.isChannel(value, MAX_LENGTH);
  }

  @Override
  public String toString() {
    return value;
  }
}
