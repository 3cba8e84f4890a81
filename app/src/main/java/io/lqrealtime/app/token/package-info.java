/** Makes tokens: the keys that sign them, and what they say. */
@NullMarked
package io.lqrealtime.app.token;

import org.jspecify.annotations.NullMarked;
