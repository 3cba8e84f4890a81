/** The vocabulary: small validated names, and the positions that name a message for ever. */
@NullMarked
package io.lqrealtime.id;

import org.jspecify.annotations.NullMarked;
