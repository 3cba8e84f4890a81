package io.lqrealtime.bench.faults.client;

import java.net.URI;

/**
 * A way to a gateway; several may lead to the same one.
 *
 * @param gateway the gateway's name, for the history
 */
public record Endpoint(String gateway, URI uri) {}
