package io.lqrealtime.topic;

import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.Region;

/**
 * The names of the service's topics under one prefix ({@code lq} by default).
 *
 * @param prefix 1 to 60 characters out of {@code A-Z a-z 0-9 _ - .}
 */
public record TopicNames(String prefix) {
  public static final String DEFAULT_PREFIX = "lq";

  public TopicNames {
    if (!prefix.matches("[A-Za-z0-9._-]{1,60}")) {
      throw new IllegalArgumentException(
          "a topic prefix is 1 to 60 characters out of A-Z a-z 0-9 _ - .");
    }
  }

  /** Messages and control records, keyed by tenant. */
  public String inbound() {
    return prefix + ".inbound";
  }

  /** Another region's messages, as the mirror brings them. */
  public String mirroredInbound(Region region) {
    return region.value() + '.' + inbound();
  }

  /** What was routed of the inbound log, partition by partition. */
  public String index() {
    return prefix + ".index";
  }

  /** Records that were not valid, with their origin and the reason in headers. */
  public String deadLetter() {
    return prefix + ".dead-letter";
  }

  /** What is in force about tenants, for the gateways. */
  public String tenants() {
    return prefix + ".tenants";
  }

  /** What one gateway is to deliver. */
  public String gateway(GatewayId gateway) {
    return gatewayPrefix() + gateway.value();
  }

  /** What every gateway topic's name starts with, and no other topic's. */
  public String gatewayPrefix() {
    return prefix + ".gateway.";
  }

  /** The consumer group and state prefix of the router. */
  public String routerApplicationId() {
    return prefix + ".router";
  }
}
