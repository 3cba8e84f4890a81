package io.lqrealtime.gateway.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.StringTokenizer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Judges silent peers by Linux's tables of TCP sockets, {@code /proc/net/tcp} and {@code tcp6}. For
 * each socket they have the bytes that wait to be sent or acknowledged, and how often the kernel
 * has sent again, or asked for room, without an answer (kernel documentation: {@code
 * networking/proc_net_tcp.rst}).
 *
 * <p>How long nothing has come back is not there, but follows: the kernel doubles its pause each
 * time (RFC 6298, section 5.5), so the pauses that are over add up to about the present one.
 *
 * <p>A table has a line for each socket of the network namespace. All questions that have come are
 * answered from one reading, on a thread of its own, in a twentieth of its time and at most once a
 * second; while there are none nothing is read.
 *
 * <p>Bound: {@value #MAX_QUESTIONS} questions wait at the most; what is asked past that is answered
 * with {@link SilentPeers.Verdict#UNKNOWN} at once.
 */
public final class LinuxSocketTable implements SilentPeers, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LinuxSocketTable.class);
  private static final int MAX_QUESTIONS = 100_000;
  private static final Duration BETWEEN_READINGS = Duration.ofSeconds(1);
  private static final int PAUSES_A_READING = 19;

  /** One or two are an everyday loss, whatever the pause. */
  private static final int UNANSWERED = 3;

  /** {@code USER_HZ}, in which the kernel tells times. */
  private static final int TICKS_A_SECOND = 100;

  /** The least pause before the kernel sends or asks again. */
  private static final double SHORTEST_PAUSE_SECONDS = 0.2;

  private static final String ESTABLISHED = "01";
  private static final String NOTHING_TO_SEND = "00000000:";
  private static final byte[] IPV4_MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1};

  // The columns of a line; the queue to send comes first in its column, with the one received.
  private static final int LOCAL = 1;
  private static final int PEER = 2;
  private static final int STATE = 3;
  private static final int QUEUES = 4;
  private static final int RETRANSMITS = 6;
  private static final int PROBES = 8;
  private static final int PAUSE = 12;

  private final List<Path> tables;
  private final double silenceSeconds;
  private final BlockingQueue<Question> questions = new ArrayBlockingQueue<>(MAX_QUESTIONS);
  private final Thread thread;

  private record Question(String key, String mappedKey, Consumer<Verdict> answer) {}

  private LinuxSocketTable(List<Path> tables, double silenceSeconds) {
    this.tables = tables;
    this.silenceSeconds = silenceSeconds;
    this.thread = Thread.ofPlatform().daemon().name("lq-gateway-sockets").start(this::run);
  }

  /**
   * Starts to answer.
   *
   * @param directory where the tables are: {@code /proc/net}
   * @param silence without an answer, from which on a peer counts as unreachable
   */
  public static LinuxSocketTable start(Path directory, Duration silence) {
    return new LinuxSocketTable(
        List.of(directory.resolve("tcp"), directory.resolve("tcp6")), silence.toMillis() / 1000.0);
  }

  @Override
  public void judge(InetSocketAddress local, InetSocketAddress peer, Consumer<Verdict> answer) {
    String key = key(local.getAddress().getAddress(), peer.getAddress().getAddress(), local, peer);
    // A listener for both families has its IPv4 connections in the other table.
    String mapped = key(mapped(local.getAddress()), mapped(peer.getAddress()), local, peer);
    if (!questions.offer(new Question(key, mapped, answer))) {
      answer.accept(Verdict.UNKNOWN);
    }
  }

  /** Questions that have not been answered. From any thread. */
  public int waiting() {
    return questions.size();
  }

  /** Ends the thread; questions that wait are not answered any more. */
  @Override
  public void close() {
    thread.interrupt();
  }

  private void run() {
    try {
      while (true) {
        List<Question> asked = new ArrayList<>();
        asked.add(questions.take());
        questions.drainTo(asked);
        long began = System.nanoTime();
        try {
          answer(asked);
        } catch (RuntimeException e) {
          log.error("Questions about silent peers failed", e);
        }
        long pause = PAUSES_A_READING * (System.nanoTime() - began);
        TimeUnit.NANOSECONDS.sleep(Math.max(BETWEEN_READINGS.toNanos(), pause));
      }
    } catch (InterruptedException _) {
      log.debug("No more is told of silent peers");
    }
  }

  private void answer(List<Question> asked) {
    Map<String, Verdict> waiting = new HashMap<>();
    for (Question question : asked) {
      waiting.put(question.key, Verdict.UNKNOWN);
      waiting.put(question.mappedKey, Verdict.UNKNOWN);
    }
    tables.forEach(table -> read(table, waiting));
    for (Question question : asked) {
      Verdict verdict = waiting.getOrDefault(question.key, Verdict.UNKNOWN);
      question.answer.accept(
          verdict != Verdict.UNKNOWN
              ? verdict
              : waiting.getOrDefault(question.mappedKey, Verdict.UNKNOWN));
    }
  }

  private void read(Path table, Map<String, Verdict> waiting) {
    // A namespace without IPv6 has one table only.
    if (!Files.exists(table)) {
      return;
    }
    try (BufferedReader lines = Files.newBufferedReader(table, ISO_8859_1)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        List<String> columns = columns(line);
        if (columns.size() > PAUSE
            && columns.get(STATE).equals(ESTABLISHED)
            && !columns.get(QUEUES).startsWith(NOTHING_TO_SEND)) {
          waiting.computeIfPresent(
              columns.get(LOCAL) + ' ' + columns.get(PEER), (key, unknown) -> verdict(columns));
        }
      }
    } catch (IOException | NumberFormatException e) {
      log.warn("{} can't be read: clients that read slowly are taken for gone", table, e);
    }
  }

  private static List<String> columns(String line) {
    List<String> columns = new ArrayList<>(PAUSE + 1);
    StringTokenizer tokens = new StringTokenizer(line);
    while (columns.size() <= PAUSE && tokens.hasMoreTokens()) {
      columns.add(tokens.nextToken());
    }
    return columns;
  }

  private Verdict verdict(List<String> columns) {
    int retransmits = Integer.parseUnsignedInt(columns.get(RETRANSMITS), 16);
    int probes = Integer.parseUnsignedInt(columns.get(PROBES));
    double pause = Long.parseUnsignedLong(columns.get(PAUSE)) / (double) TICKS_A_SECOND;
    // For probes the kernel does not tell the pause: what it is at the least.
    double sinceFirstProbe = SHORTEST_PAUSE_SECONDS * (Math.pow(2, probes) - 1);
    boolean unreachable =
        (retransmits >= UNANSWERED && pause >= silenceSeconds)
            || (probes >= UNANSWERED && sinceFirstProbe >= silenceSeconds);
    return unreachable ? Verdict.UNREACHABLE : Verdict.READS_SLOWLY;
  }

  private static byte[] mapped(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length != 4) {
      return bytes;
    }
    byte[] mapped = Arrays.copyOf(IPV4_MAPPED, 16);
    System.arraycopy(bytes, 0, mapped, IPV4_MAPPED.length, bytes.length);
    return mapped;
  }

  private static String key(
      byte[] localAddress, byte[] peerAddress, InetSocketAddress local, InetSocketAddress peer) {
    return text(localAddress, local.getPort()) + ' ' + text(peerAddress, peer.getPort());
  }

  /** As the kernel prints it: words of four bytes of the address, each as a number of this CPU. */
  private static String text(byte[] address, int port) {
    HexFormat hex = HexFormat.of().withUpperCase();
    StringBuilder text = new StringBuilder(address.length * 2 + 5);
    ByteBuffer words = ByteBuffer.wrap(address).order(ByteOrder.nativeOrder());
    while (words.hasRemaining()) {
      text.append(hex.toHexDigits(words.getInt()));
    }
    return text.append(':').append(hex.toHexDigits((short) port)).toString();
  }
}
