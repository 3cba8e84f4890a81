/** What is served over HTTP beside the WebSocket: the console page and its client module. */
@NullMarked
package io.lqrealtime.app.console;

import org.jspecify.annotations.NullMarked;
