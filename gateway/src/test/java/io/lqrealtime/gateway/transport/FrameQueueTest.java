package io.lqrealtime.gateway.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrameQueueTest {
  @Test
  void whatGoesOut_isWhatWentIn_howeverItIsCut() {
    long seed = System.nanoTime();
    System.out.println("FrameQueueTest seed " + seed);
    Random random = new Random(seed);
    FrameQueue queue = new FrameQueue();
    ByteArrayOutputStream in = new ByteArrayOutputStream();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int round = 0; round < 20_000; round++) {
      if (random.nextInt(3) != 0) {
        byte[] frame = new byte[1 + random.nextInt(40)];
        random.nextBytes(frame);
        queue.add(frame);
        in.writeBytes(frame);
      } else {
        send(queue, random, out);
      }
      assertThat(queue.bytes()).isEqualTo(in.size() - out.size());
    }
    while (!queue.isEmpty()) {
      send(queue, random, out);
    }

    assertThat(out.toByteArray()).isEqualTo(in.toByteArray());
  }

  @Test
  void droppingWhatIsUnsent_keepsAFrameThatHasBegun() {
    FrameQueue queue = new FrameQueue();
    queue.add(new byte[] {1, 2, 3});
    queue.add(new byte[] {4});
    queue.sent(1);

    queue.dropUnsent();

    assertThat(queue.bytes()).isEqualTo(2);
    ByteBuffer buffer = ByteBuffer.allocate(10);
    queue.copyTo(buffer);
    assertThat(buffer.flip()).isEqualTo(ByteBuffer.wrap(new byte[] {2, 3}));
  }

  @Test
  void droppingWhatIsUnsent_dropsAllWhereNothingHasBegun() {
    FrameQueue queue = new FrameQueue();
    queue.add(new byte[] {1, 2, 3});

    queue.dropUnsent();

    assertThat(queue.isEmpty()).isTrue();
    assertThat(queue.bytes()).isZero();
  }

  private static void send(FrameQueue queue, Random random, ByteArrayOutputStream out) {
    ByteBuffer buffer = ByteBuffer.allocate(1 + random.nextInt(200));
    queue.copyTo(buffer);
    buffer.flip();
    int accepted = random.nextInt(buffer.limit() + 1);
    out.write(buffer.array(), 0, accepted);
    queue.sent(accepted);
  }
}
