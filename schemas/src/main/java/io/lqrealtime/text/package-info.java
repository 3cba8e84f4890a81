/** Text as bytes: the checks that every edge makes before it believes that bytes are UTF-8. */
@NullMarked
package io.lqrealtime.text;

import org.jspecify.annotations.NullMarked;
