package io.lqrealtime.gateway.transport;

import java.io.IOException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Xnio;
import org.xnio.XnioIoThread;
import org.xnio.XnioWorker;

/** A gateway's one XNIO worker, whose I/O threads do all the work of its connections. */
public final class IoThreads {
  private static final int MAX_HASHES = 1_000_000;

  private IoThreads() {}

  /**
   * Starts so many; they are daemons, and end with {@link XnioWorker#shutdown}.
   *
   * @param taskThreads beside them, for the signatures of TLS handshakes
   * @throws IllegalStateException if the system gives none
   */
  public static XnioWorker start(int count, int taskThreads) {
    try {
      return Xnio.getInstance()
          .createWorker(
              OptionMap.builder()
                  .set(Options.WORKER_NAME, "lq-gateway")
                  .set(Options.WORKER_IO_THREADS, count)
                  .set(Options.WORKER_TASK_CORE_THREADS, taskThreads)
                  .set(Options.WORKER_TASK_MAX_THREADS, taskThreads)
                  .set(Options.TCP_NODELAY, true)
                  .set(Options.THREAD_DAEMON, true)
                  .getMap());
    } catch (IOException e) {
      throw new IllegalStateException("no I/O threads to be had", e);
    }
  }

  /** All I/O threads of a worker that has so many. */
  public static List<XnioIoThread> of(XnioWorker worker, int count) {
    // XNIO gives its threads out by a hash, so ask until each has been seen.
    IdentityHashMap<XnioIoThread, Boolean> seen = new IdentityHashMap<>();
    List<XnioIoThread> threads = new ArrayList<>();
    for (int hash = 0; threads.size() < count && hash < MAX_HASHES; hash++) {
      XnioIoThread thread = worker.getIoThread(hash);
      if (seen.put(thread, true) == null) {
        threads.add(thread);
      }
    }
    if (threads.size() != count) {
      throw new IllegalStateException("not every I/O thread was found");
    }
    return threads;
  }
}
