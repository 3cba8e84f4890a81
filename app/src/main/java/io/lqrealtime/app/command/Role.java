package io.lqrealtime.app.command;

import java.util.concurrent.Callable;

/**
 * A command that runs until it is told to end, and whose standard error is its log: also why it
 * could not start is an event of that, where the log is for machines.
 */
public interface Role extends Callable<Integer> {}
