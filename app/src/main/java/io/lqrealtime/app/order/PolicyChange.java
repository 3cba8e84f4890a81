package io.lqrealtime.app.order;

import io.lqrealtime.tenant.TenantPolicy;
import io.lqrealtime.tenant.TenantPolicy.Kind;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * What an order changes of a tenant's policy: limits that are set, or given up (empty). A policy
 * alone does not say that: one that lacks a limit may have given it up, or not have known of it.
 */
record PolicyChange(Map<Kind, OptionalInt> limits) {
  /** The header of an order that has it, for others who change the policy at the same time. */
  static final String HEADER = "changes";

  PolicyChange {
    limits = Map.copyOf(limits);
  }

  static PolicyChange between(TenantPolicy base, TenantPolicy policy) {
    Map<Kind, OptionalInt> limits = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      if (!policy.limit(kind).equals(base.limit(kind))) {
        limits.put(kind, policy.limit(kind));
      }
    }
    return new PolicyChange(limits);
  }

  void applyTo(Map<Kind, Integer> policy) {
    limits.forEach(
        (kind, limit) -> {
          if (limit.isPresent()) {
            policy.put(kind, limit.getAsInt());
          } else {
            policy.remove(kind);
          }
        });
  }

  /** As in {@code channels=9,connections=}: by names, in no order. */
  String text() {
    return limits.entrySet().stream()
        .map(
            entry ->
                entry.getKey().wireName()
                    + "="
                    + (entry.getValue().isPresent() ? entry.getValue().getAsInt() : ""))
        .collect(Collectors.joining(","));
  }

  /** Empty where the text is none of these: another version's, or nonsense. */
  static Optional<PolicyChange> parse(String text) {
    Map<Kind, OptionalInt> limits = new EnumMap<>(Kind.class);
    for (String part : text.isEmpty() ? new String[0] : text.split(",", -1)) {
      int equals = part.indexOf('=');
      Optional<Kind> kind =
          Arrays.stream(Kind.values())
              .filter(each -> equals >= 0 && each.wireName().equals(part.substring(0, equals)))
              .findFirst();
      String limit = part.substring(equals + 1);
      // As many digits as the highest limit has.
      if (kind.isEmpty()
          || !limit.matches("[0-9]{0,10}")
          || (!limit.isEmpty() && Long.parseLong(limit) > TenantPolicy.HIGHEST_RATE)) {
        return Optional.empty();
      }
      limits.put(
          kind.get(),
          limit.isEmpty() ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(limit)));
    }
    return Optional.of(new PolicyChange(limits));
  }
}
