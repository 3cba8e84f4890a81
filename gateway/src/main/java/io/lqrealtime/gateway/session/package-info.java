/** What a connection may do and has subscribed to: policy and state without I/O. */
@NullMarked
package io.lqrealtime.gateway.session;

import org.jspecify.annotations.NullMarked;
