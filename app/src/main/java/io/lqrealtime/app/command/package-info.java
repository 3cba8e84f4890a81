/** The subcommands of lq. */
@NullMarked
package io.lqrealtime.app.command;

import org.jspecify.annotations.NullMarked;
