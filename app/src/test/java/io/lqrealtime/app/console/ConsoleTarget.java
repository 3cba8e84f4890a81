package io.lqrealtime.app.console;

import java.net.URI;

/**
 * A server whose console page is tested.
 *
 * @param page the page's address, without a fragment
 * @param token lets the bearer subscribe, publish and ask for presence in every {@code room.*}
 */
record ConsoleTarget(URI page, String token) {}
