/** TLS for the clients' port: the certificate, and its change while the gateway runs. */
@NullMarked
package io.lqrealtime.gateway.tls;

import org.jspecify.annotations.NullMarked;
