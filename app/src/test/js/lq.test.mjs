// What lq.js does, on a clock and sockets of the test's own: `node --test` runs this; LqClientNodeTest does.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLOSE_CODES, LqClient, backoffMs, closeAction, rawMember } from '../../main/resources/console/lq.js';

const TOKEN = 'aaa.bbb.ccc';

/** Time stands still unless it is advanced; what is due then runs in order, promises included. */
class FakeClock {
  time = 0;
  timers = new Map();
  next = 1;
  now = () => this.time;
  setTimeout = (run, ms) => {
    this.timers.set(this.next, { at: this.time + ms, run });
    return this.next++;
  };
  clearTimeout = (timer) => this.timers.delete(timer);

  async advance(ms) {
    const end = this.time + ms;
    await settle();
    for (;;) {
      const due = [...this.timers].filter(([, t]) => t.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      this.timers.delete(due[0]);
      this.time = Math.max(this.time, due[1].at);
      due[1].run();
      await settle();
    }
    this.time = end;
  }
}

/** Lets every promise that can go on do so. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A client, and the server's end of each socket that it opened. */
function setUp(options = {}) {
  const clock = new FakeClock();
  const sockets = [];
  class FakeSocket {
    sent = [];
    isClosed = false;
    constructor(url, protocols) {
      this.url = url;
      this.protocols = protocols;
      sockets.push(this);
    }
    send(text) {
      this.sent.push(text);
    }
    close() {
      this.isClosed = true;
    }
    /** The server's part. */
    says(...frames) {
      for (const frame of frames) {
        this.onmessage({ data: typeof frame === 'string' ? frame : JSON.stringify(frame) });
      }
    }
    welcomes(more = {}) {
      const payload = {
        connection: 'c',
        user: 'u',
        tenant: 't',
        gateway: 'g',
        region: 'r',
        heartbeatSeconds: 25,
      };
      this.says({ type: 'welcome', payload: { ...payload, maxFrameBytes: 65536, ...more } });
    }
    closes(code, reason = '') {
      this.onclose({ code, reason });
    }
    frames(type) {
      return this.sent.map((text) => JSON.parse(text)).filter((frame) => frame.type === type);
    }
  }
  const events = [];
  const token = options.getToken ? {} : { token: TOKEN };
  const client = new LqClient({
    url: 'ws://test/ws',
    ...token,
    WebSocket: FakeSocket,
    clock,
    random: () => 0.5,
    ...options,
  });
  for (const name of ['open', 'close', 'reconnecting', 'error', 'advice']) {
    client.on(name, (detail) =>
      events.push({ name, ...(name === 'error' ? { code: detail.code } : detail) }),
    );
  }
  const named = (name) => events.filter((event) => event.name === name);
  return { client, clock, sockets, events, named, last: () => sockets.at(-1) };
}

async function opened(options) {
  const it = setUp(options);
  await settle();
  it.last().welcomes();
  return it;
}

/** A promise's outcome, looked at without waiting for it. */
function outcomeOf(promise) {
  const outcome = { state: 'pending' };
  promise.then(
    (value) => Object.assign(outcome, { state: 'resolved', value }),
    (error) => Object.assign(outcome, { state: 'rejected', error }),
  );
  return outcome;
}

function randomSource(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

test('backoff: every delay is between 250 ms and 30 s, under a ceiling that doubles', () => {
  for (let attempt = 0; attempt < 2000; attempt++) {
    const ceiling = Math.min(30_000, 500 * 2 ** attempt);
    assert.equal(
      backoffMs(attempt, () => 0),
      250,
    );
    assert.ok(backoffMs(attempt, () => 1 - 1e-9) <= ceiling);
    assert.ok(backoffMs(attempt, () => 1 - 1e-9) > ceiling - 1);
  }
  const delays = Array.from({ length: 1000 }, () => backoffMs(5));
  assert.ok(Math.max(...delays) - Math.min(...delays) > 8_000, 'jitter spreads over the whole range');
});

test('close codes: each has the action that the protocol gives it', () => {
  const actions = {
    reconnect: [1001, 1006, 1011, 1012, 1013, 4408, 4413, 1005, 1015, 4999],
    token: [4401],
    stop: [1000, 1002, 1003, 1007, 1008, 1009, 4403],
  };
  for (const [action, codes] of Object.entries(actions)) {
    for (const code of codes) assert.equal(closeAction(code), action, `code ${code}`);
  }
  for (const { meaning } of Object.values(CLOSE_CODES)) assert.ok(meaning.length > 0);
});

for (const code of [1001, 1006, 1011, 1012, 1013, 4408, 4413]) {
  test(`close ${code}: the client comes back`, async () => {
    const { clock, sockets, last, named } = await opened();
    last().closes(code);
    assert.equal(named('close')[0].willReconnect, true);
    await clock.advance(500);
    assert.equal(sockets.length, 2);
  });
}

for (const code of [1000, 1002, 1003, 1007, 1008, 1009, 4403, 4401]) {
  test(`close ${code} with a fixed token: the client stops and says why`, async () => {
    const { client, clock, sockets, last, named } = await opened();
    const publish = outcomeOf(client.publish('a', 1));
    last().closes(code, 'because');
    await clock.advance(200_000);
    assert.equal(sockets.length, 1);
    assert.equal(client.state, 'closed');
    assert.deepEqual(named('close'), [
      {
        name: 'close',
        code,
        reason: 'because',
        meaning: CLOSE_CODES[code].meaning,
        wasOpen: true,
        willReconnect: false,
      },
    ]);
    assert.equal(publish.error.code, 'closed');
    assert.equal(publish.error.sent, true);
    await assert.rejects(client.publish('a', 2), { code: 'closed', sent: false });
  });
}

test('connect: the token is a subprotocol and not in the URL', async () => {
  const { last, client, named } = await opened();
  assert.deepEqual(last().protocols, ['lq.v1', `bearer.${TOKEN}`]);
  assert.equal(last().url, 'ws://test/ws');
  assert.equal(client.state, 'open');
  assert.equal(named('open')[0].user, 'u');
});

test('connect: a token that is no JWT is refused at once', () => {
  assert.throws(() => setUp({ token: 'no token' }), { code: 'token' });
});

test('connect: no welcome in time is a failed attempt', async () => {
  const { clock, sockets, named } = setUp();
  await clock.advance(10_500);
  assert.equal(sockets[0].isClosed, true);
  assert.equal(named('close')[0].wasOpen, false);
  assert.equal(sockets.length, 2);
});

test('token expired (4401): getToken is asked again, and a connection lost is not a reason to ask', async () => {
  let asked = 0;
  const { clock, sockets, last } = await opened({ getToken: async () => `a.b.${++asked}` });
  last().closes(1012);
  await clock.advance(500);
  last().welcomes();
  assert.equal(asked, 1);
  last().closes(4401);
  await clock.advance(1_000);
  assert.equal(asked, 2);
  assert.deepEqual(
    sockets.map((socket) => socket.protocols[1]),
    ['bearer.a.b.1', 'bearer.a.b.1', 'bearer.a.b.2'],
  );
});

test('refused before the upgrade (1006, never open): backs off and asks for another token', async () => {
  let asked = 0;
  const { clock, sockets, named } = setUp({ getToken: () => `a.b.${++asked}` });
  for (let i = 0; i < 12; i++) {
    await clock.advance(0);
    sockets.at(-1).closes(1006);
    await clock.advance(named('reconnecting').at(-1).delayMs);
  }
  assert.equal(asked, 13);
  const delays = named('reconnecting').map(({ delayMs }) => delayMs);
  assert.ok(
    delays.every((delay, i) => i === 0 || delay >= delays[i - 1]),
    String(delays),
  );
  assert.equal(delays[0], 375);
  assert.equal(delays[11], 15_125);
});

test('getToken that fails is told, and asked again later', async () => {
  let asked = 0;
  const getToken = async () => {
    if (asked++ === 0) throw new Error('no network');
    return TOKEN;
  };
  const { clock, sockets, named } = setUp({ getToken });
  await clock.advance(0);
  assert.deepEqual(named('error'), [{ name: 'error', code: 'token' }]);
  assert.equal(sockets.length, 0);
  await clock.advance(500);
  assert.equal(sockets.length, 1);
});

test('a server that accepts and drops at once is not hammered', async () => {
  const { clock, sockets, named } = setUp();
  for (let i = 0; i < 8; i++) {
    await clock.advance(0);
    sockets.at(-1).welcomes();
    sockets.at(-1).closes(1013);
    await clock.advance(named('reconnecting').at(-1).delayMs);
  }
  const delays = named('reconnecting').map(({ delayMs }) => delayMs);
  assert.ok(delays[7] > 10_000, String(delays));
  sockets.at(-1).welcomes();
  await clock.advance(10_000);
  sockets.at(-1).closes(1012);
  assert.equal(named('reconnecting').at(-1).delayMs, 375, 'a good connection starts the backoff anew');
});

test('reconnect advice: the client is back when the server asked it to be', async () => {
  const { clock, sockets, last, named } = await opened();
  await clock.advance(20_000);
  last().says({ type: 'pong' }, { type: 'reconnect', payload: { reason: 'drain', afterMs: 7_000 } });
  await clock.advance(2_000);
  last().closes(1012);
  assert.equal(named('reconnecting')[0].delayMs, 5_000);
  await clock.advance(4_999);
  assert.equal(sockets.length, 1);
  await clock.advance(1);
  assert.equal(sockets.length, 2);
});

test('reconnect advice: where the server does not close, the client leaves at the moment named', async () => {
  const { clock, sockets, last } = await opened();
  await clock.advance(20_000);
  last().says({ type: 'reconnect', payload: { reason: 'drain', afterMs: 3_000 } });
  await clock.advance(2_999);
  assert.equal(sockets[0].isClosed, false);
  await clock.advance(1);
  assert.equal(sockets[0].isClosed, true);
  assert.equal(sockets.length, 2);
});

test('heartbeat: a quiet server is asked after one period, a dead one is left after two and a half', async () => {
  const { clock, sockets, last, named } = await opened();
  await clock.advance(24_999);
  assert.equal(last().frames('ping').length, 0);
  await clock.advance(1);
  assert.equal(last().frames('ping').length, 1);
  last().says({ type: 'pong' });
  await clock.advance(25_000);
  assert.equal(last().frames('ping').length, 2);
  await clock.advance(37_499);
  assert.equal(named('close').length, 0);
  await clock.advance(1);
  assert.equal(named('close')[0].code, 1006);
  assert.equal(sockets[0].isClosed, true);
  await clock.advance(500);
  assert.equal(sockets.length, 2);
});

test('heartbeat: a server that talks is never asked', async () => {
  const { clock, last } = await opened();
  for (let i = 0; i < 20; i++) {
    await clock.advance(20_000);
    last().says({ type: 'message', channel: 'none', position: 'p', time: 1, payload: 1 });
  }
  assert.equal(last().frames('ping').length, 0);
});

test('publish: resolved with the position of its ack', async () => {
  const { client, last } = await opened();
  const publish = outcomeOf(client.publish('room.1', { text: 'é' }));
  await settle();
  const [frame] = last().frames('publish');
  assert.match(frame.id, /^[0-9a-f-]{36}$/);
  assert.deepEqual(frame.payload, { text: 'é' });
  last().says({ type: 'ack', id: frame.id, channel: 'room.1', position: 'eu.l.0.7' });
  await settle();
  assert.deepEqual(publish, { state: 'resolved', value: 'eu.l.0.7' });
  assert.equal(client.pendingPublishes, 0);
});

test('publish: sent again with the same id after a reconnect, in order, and the acked ones not', async () => {
  const { client, clock, last } = await opened();
  const outcomes = [1, 2, 3].map((n) => outcomeOf(client.publish('a', n)));
  await settle();
  const first = last().frames('publish');
  last().says({ type: 'ack', id: first[0].id, channel: 'a', position: 'p1' });
  last().closes(1006);
  outcomes.push(outcomeOf(client.publish('a', 4)));
  await clock.advance(500);
  last().welcomes();
  const second = last().frames('publish');
  assert.deepEqual(
    second.map(({ payload }) => payload),
    [2, 3, 4],
  );
  assert.deepEqual(
    second.slice(0, 2).map(({ id }) => id),
    first.slice(1).map(({ id }) => id),
  );
  second.forEach(({ id }, i) => last().says({ type: 'ack', id, channel: 'a', position: `p${i + 2}` }));
  await settle();
  assert.deepEqual(
    outcomes.map(({ value }) => value),
    ['p1', 'p2', 'p3', 'p4'],
  );
});

test('publish: unavailable is tried again with the same id when the server said, and holds the others', async () => {
  const { client, clock, last } = await opened();
  const first = outcomeOf(client.publish('a', 1));
  await settle();
  const { id } = last().frames('publish')[0];
  last().says({
    type: 'error',
    id,
    payload: { code: 'unavailable', message: 'Kafka is away', retryAfterMs: 4_000 },
  });
  const second = outcomeOf(client.publish('a', 2));
  await clock.advance(3_999);
  assert.equal(last().frames('publish').length, 1);
  await clock.advance(1);
  assert.deepEqual(
    last()
      .frames('publish')
      .map(({ payload }) => payload),
    [1, 1, 2],
  );
  assert.equal(last().frames('publish')[1].id, id);
  last()
    .frames('publish')
    .slice(1)
    .forEach((frame) => last().says({ type: 'ack', id: frame.id, position: 'p' }));
  await settle();
  assert.deepEqual([first.state, second.state], ['resolved', 'resolved']);
});

test('publish: what the server refuses for good is rejected with its code', async () => {
  const { client, last } = await opened();
  const publish = outcomeOf(client.publish('secret', 1));
  await settle();
  const { id } = last().frames('publish')[0];
  last().says({ type: 'error', id, payload: { code: 'forbidden', message: 'not yours' } });
  await settle();
  assert.equal(publish.error.code, 'forbidden');
  assert.equal(publish.error.channel, 'secret');
  assert.equal(publish.error.id, id);
});

test('publish: the queue is bounded, and says so', async () => {
  const { client } = setUp({ maxPending: 3 });
  const outcomes = [1, 2, 3, 4].map((n) => outcomeOf(client.publish('a', n)));
  await settle();
  assert.deepEqual(
    outcomes.map(({ state }) => state),
    ['pending', 'pending', 'pending', 'rejected'],
  );
  assert.equal(outcomes[3].error.code, 'queue_full');
});

test('publish: at most 64 are on the wire, an ack lets the next go', async () => {
  const { client, last } = await opened();
  for (let n = 0; n < 200; n++) outcomeOf(client.publish('a', n));
  await settle();
  assert.equal(last().frames('publish').length, 64);
  last().says({ type: 'ack', id: last().frames('publish')[0].id, position: 'p' });
  assert.equal(last().frames('publish').length, 65);
});

test('publish: no ack in time tells whether it had left', async () => {
  const { client, clock, last } = setUp();
  const unsent = outcomeOf(client.publish('a', 1, { timeoutMs: 1_000 }));
  await clock.advance(1_000);
  assert.deepEqual([unsent.error.code, unsent.error.sent], ['timeout', false]);
  last().welcomes();
  const sent = outcomeOf(client.publish('a', 2, { timeoutMs: 1_000 }));
  await clock.advance(1_000);
  assert.deepEqual([sent.error.code, sent.error.sent], ['timeout', true]);
  await assert.rejects(client.publish('a', 3, { timeoutMs: 120_000 }), RangeError);
});

test('publish: a frame larger than the server takes never leaves', async () => {
  const it = setUp();
  await settle();
  it.last().welcomes({ maxFrameBytes: 200 });
  await assert.rejects(it.client.publish('a', 'é'.repeat(100)), { code: 'too_large', sent: false });
  assert.equal(it.last().frames('publish').length, 0);
  assert.equal(it.client.pendingPublishes, 0);
});

test('publishRaw: the text goes out as it stands; what is not one JSON value never leaves', async () => {
  const { client, last } = await opened();
  const json = ' {"n": 12345678901234567890, "a":1.0,"a":2}\n';
  outcomeOf(client.publishRaw('a', json));
  await settle();
  assert.ok(last().sent.at(-1).endsWith(`"payload":${json}}`));
  for (const bad of ['{', '', '1},"channel":"b","x":{"y":2', 'undefined', "{'a':1}"]) {
    await assert.rejects(client.publishRaw('a', bad), SyntaxError);
  }
  await assert.rejects(client.publish('a', undefined), TypeError);
  assert.equal(last().frames('publish').length, 1);
});

test('subscribe: messages come with payload and raw text, those of no subscription are dropped', async () => {
  const { client, last } = await opened();
  const got = [];
  const room = client.subscribe('room.1', { onMessage: (message) => got.push(message) });
  last().says('{"type":"message","channel":"room.1","position":"p0","time":1,"payload":"former"}');
  const [{ id }] = last().frames('subscribe');
  last().says({ type: 'subscribed', id, channel: 'room.1', position: 'p1', recovered: true });
  last().says('{"type":"message","channel":"room.2","position":"x","time":1,"payload":"other"}');
  last().says(
    '{"type":"message","channel":"room.1","position":"p2","from":"bob","time":9,"payload": {"n": 12345678901234567890, "s":"}\\"]"} }',
  );
  assert.equal(got.length, 1);
  const [message] = got;
  assert.deepEqual(
    [message.position, message.from, message.time, message.payload.s],
    ['p2', 'bob', 9, '}"]'],
  );
  assert.equal(message.raw, '{"n": 12345678901234567890, "s":"}\\"]"}');
  assert.deepEqual([room.position, room.state], ['p2', 'live']);
});

test('resume: subscribed again from the last position seen, without a word of loss', async () => {
  const { client, clock, last } = await opened();
  const heard = [];
  const note = (name) => (info) => heard.push([name, info.position, info.resumed ?? null]);
  const room = client.subscribe('a', {
    onSubscribed: note('subscribed'),
    onLive: note('live'),
    onLost: note('lost'),
    onMessage: note('message'),
  });
  last().says({
    type: 'subscribed',
    id: last().frames('subscribe')[0].id,
    channel: 'a',
    position: 'p1',
    recovered: true,
  });
  last().says({ type: 'message', channel: 'a', position: 'p2', time: 1, payload: 1 });
  last().closes(1012);
  assert.equal(room.state, 'pending');
  await clock.advance(500);
  last().welcomes();
  const [again] = last().frames('subscribe');
  assert.equal(again.since, 'p2');
  last().says({ type: 'subscribed', id: again.id, channel: 'a', position: 'p9', recovered: true });
  assert.equal(room.state, 'catching-up');
  assert.equal(room.position, 'p2', 'the replay is still to come');
  last().says({ type: 'message', channel: 'a', position: 'p3', time: 1, payload: 1 });
  last().says({ type: 'live', channel: 'a', position: 'p9' });
  assert.deepEqual([room.state, room.position], ['live', 'p9']);
  assert.deepEqual(heard, [
    ['subscribed', 'p1', false],
    ['live', 'p1', null],
    ['message', 'p2', null],
    ['subscribed', 'p9', true],
    ['message', 'p3', null],
    ['live', 'p9', null],
  ]);
});

test('resume: what cannot be replayed is told as lost, and the subscription goes on live', async () => {
  const { client, clock, last } = await opened();
  const lost = [];
  const room = client.subscribe('a', { since: 'earliest', onLost: (info) => lost.push(info) });
  const [first] = last().frames('subscribe');
  assert.equal(first.since, 'earliest');
  last().closes(1006);
  await clock.advance(500);
  last().welcomes();
  const [second] = last().frames('subscribe');
  assert.equal(second.since, 'earliest', 'nothing was seen yet');
  last().says({
    type: 'subscribed',
    id: second.id,
    channel: 'a',
    position: 'p7',
    recovered: false,
    oldest: 'p5',
  });
  assert.deepEqual(lost, [{ channel: 'a', position: 'p7', oldest: 'p5' }]);
  assert.deepEqual([room.state, room.position], ['live', 'p7']);
  last().says({ type: 'subscribed', channel: 'a', position: 'p20', recovered: false, oldest: 'p19' });
  assert.equal(lost.length, 2, 'overtaken by retention');
});

for (const code of ['bad_request', 'unsupported_type', 'forbidden']) {
  test(`resume: a server that answers since with ${code} is asked without, and the gap is told`, async () => {
    const { client, last, named } = await opened();
    const heard = [];
    client.subscribe('a', {
      since: 'p1',
      onLost: (info) => heard.push(['lost', info.position]),
      onSubscribed: (info) => heard.push(['subscribed', info.recovered]),
      onError: (error, willRetry) => heard.push([error.code, willRetry]),
    });
    last().says({ type: 'error', id: last().frames('subscribe')[0].id, payload: { code, message: 'no' } });
    const [, again] = last().frames('subscribe');
    assert.equal('since' in again, false);
    last().says({ type: 'subscribed', id: again.id, channel: 'a', position: 'p9', recovered: true });
    assert.deepEqual(heard, [
      [code, true],
      ['subscribed', false],
      ['lost', 'p9'],
    ]);
    assert.equal(named('error').length, 0);
  });
}

test('subscribe: refused for good ends it, for the moment tries again', async () => {
  const { client, clock, last, named } = await opened();
  const a = client.subscribe('a');
  const b = client.subscribe('b');
  const [forA, forB] = last().frames('subscribe');
  last().says({ type: 'error', id: forA.id, channel: 'a', payload: { code: 'forbidden', message: 'no' } });
  last().says({
    type: 'error',
    id: forB.id,
    channel: 'b',
    payload: { code: 'unavailable', message: 'later', retryAfterMs: 2_000 },
  });
  assert.deepEqual([a.state, b.state], ['ended', 'pending']);
  assert.deepEqual(
    named('error').map(({ code }) => code),
    ['forbidden', 'unavailable'],
  );
  await clock.advance(2_000);
  assert.deepEqual(
    last()
      .frames('subscribe')
      .map(({ channel }) => channel),
    ['a', 'b', 'b'],
  );
  assert.deepEqual(
    client.subscriptions.map(({ channel }) => channel),
    ['b'],
  );
});

test('subscribe again: the former subscription hears nothing more', async () => {
  const { client, last } = await opened();
  const heard = [];
  const former = client.subscribe('a', { onMessage: () => heard.push('former') });
  client.subscribe('a', { onMessage: () => heard.push('present') });
  const [one, two] = last().frames('subscribe');
  last().says({ type: 'subscribed', id: one.id, channel: 'a', position: 'p', recovered: true });
  last().says({ type: 'message', channel: 'a', position: 'p1', time: 1, payload: 1 });
  last().says({ type: 'subscribed', id: two.id, channel: 'a', position: 'p1', recovered: true });
  last().says({ type: 'message', channel: 'a', position: 'p2', time: 1, payload: 1 });
  assert.deepEqual(heard, ['present']);
  assert.equal(former.state, 'ended');
});

test('unsubscribe: silent at once, resolved by the answer, not made again after a reconnect', async () => {
  const { client, clock, last } = await opened();
  const heard = [];
  const room = client.subscribe('a', { onMessage: () => heard.push('message') });
  last().says({
    type: 'subscribed',
    id: last().frames('subscribe')[0].id,
    channel: 'a',
    position: 'p',
    recovered: true,
  });
  const gone = outcomeOf(room.unsubscribe());
  last().says({ type: 'message', channel: 'a', position: 'p1', time: 1, payload: 1 });
  await settle();
  assert.equal(gone.state, 'pending');
  last().says({ type: 'unsubscribed', id: last().frames('unsubscribe')[0].id, channel: 'a' });
  await settle();
  assert.equal(gone.state, 'resolved');
  last().closes(1012);
  await clock.advance(500);
  last().welcomes();
  assert.equal(last().frames('subscribe').length, 0);
  assert.deepEqual(heard, []);
});

test('unsubscribed by the server: told with the reason', async () => {
  const { client, last } = await opened();
  const ended = [];
  const room = client.subscribe('a', { onEnded: (info) => ended.push(info) });
  last().says({
    type: 'subscribed',
    id: last().frames('subscribe')[0].id,
    channel: 'a',
    position: 'p',
    recovered: true,
  });
  last().says({ type: 'unsubscribed', channel: 'a', reason: 'revoked' });
  assert.deepEqual(ended, [{ channel: 'a', reason: 'revoked' }]);
  assert.equal(room.state, 'ended');
});

test('join and leave go to their handlers', async () => {
  const { client, last } = await opened();
  const heard = [];
  client.subscribe('a', {
    presence: true,
    onJoin: (p) => heard.push(['join', p.user]),
    onLeave: (p) => heard.push(['leave', p.users]),
  });
  const [{ id, presence }] = last().frames('subscribe');
  assert.equal(presence, true);
  last().says({ type: 'subscribed', id, channel: 'a', position: 'p', recovered: true });
  last().says({ type: 'join', channel: 'a', position: 'p', payload: { user: 'bob', connection: 'c' } });
  last().says({ type: 'leave', channel: 'a', position: 'p', payload: { connections: 300, users: 200 } });
  assert.deepEqual(heard, [
    ['join', 'bob'],
    ['leave', 200],
  ]);
});

test('presence and history: asked again after a reconnect; history has raw payloads', async () => {
  const { client, clock, last } = await opened();
  const presence = outcomeOf(client.presence('a'));
  const history = outcomeOf(client.history('a', { since: new Date(0), limit: 2 }));
  last().closes(1006);
  await clock.advance(500);
  last().welcomes();
  const [p] = last().frames('presence');
  const [h] = last().frames('history');
  assert.deepEqual([h.since, h.limit], ['1970-01-01T00:00:00.000Z', 2]);
  last().says({
    type: 'presence',
    id: p.id,
    channel: 'a',
    payload: { connections: 1, users: 1, members: [] },
  });
  last().says(
    `{"type":"history","id":"${h.id}","channel":"a","payload":{"messages": [ {"channel":"a","position":"p1","time":1,"payload":1.00} , {"channel":"a","position":"p2","time":2,"payload":[ ]}],"position":"p2","more":true}}`,
  );
  await settle();
  assert.equal(presence.value.connections, 1);
  assert.deepEqual(
    history.value.messages.map(({ position, raw }) => [position, raw]),
    [
      ['p1', '1.00'],
      ['p2', '[ ]'],
    ],
  );
  assert.deepEqual([history.value.position, history.value.more], ['p2', true]);
});

test('presence: the server’s refusal rejects it; no answer is a timeout', async () => {
  const { client, clock, last } = await opened();
  const refused = outcomeOf(client.presence('a'));
  last().says({
    type: 'error',
    id: last().frames('presence')[0].id,
    payload: { code: 'unavailable', message: 'Redis is away' },
  });
  const late = outcomeOf(client.presence('a'));
  await clock.advance(10_000);
  assert.deepEqual([refused.error.code, late.error.code], ['unavailable', 'timeout']);
});

test('ping: the round trip; without a connection it is rejected', async () => {
  const { client, clock, last } = await opened();
  const ping = outcomeOf(client.ping());
  await clock.advance(7);
  last().says({ type: 'pong', payload: last().frames('ping')[0].payload });
  await settle();
  assert.equal(ping.value, 7);
  last().closes(1006);
  await assert.rejects(client.ping(), { code: 'disconnected' });
});

test('a connection that ends: a ping under way is rejected, an unsubscribe is done', async () => {
  const { client, last } = await opened();
  const room = client.subscribe('a');
  const ping = outcomeOf(client.ping());
  const gone = outcomeOf(room.unsubscribe());
  last().closes(1006);
  await settle();
  assert.equal(ping.error.code, 'disconnected');
  assert.equal(gone.state, 'resolved');
});

test('refresh: the new token is the next connection’s', async () => {
  const { client, clock, last } = await opened();
  const refresh = outcomeOf(client.refresh('d.e.f'));
  const [{ id, payload }] = last().frames('refresh');
  assert.deepEqual(payload, { token: 'd.e.f' });
  last().says({ type: 'refreshed', id, payload: { exp: 5 } });
  await settle();
  assert.equal(refresh.value, 5);
  last().closes(1012);
  await clock.advance(500);
  assert.equal(last().protocols[1], 'bearer.d.e.f');
});

test('close and connect: pending things are rejected, subscriptions go on from where they were', async () => {
  const { client, clock, sockets, last } = await opened();
  client.subscribe('a');
  last().says({
    type: 'subscribed',
    id: last().frames('subscribe')[0].id,
    channel: 'a',
    position: 'p1',
    recovered: true,
  });
  const publish = outcomeOf(client.publish('a', 1));
  await settle();
  client.close();
  await clock.advance(100_000);
  assert.deepEqual([publish.error.code, client.state, sockets.length], ['closed', 'closed', 1]);
  client.connect('x.y.z');
  await settle();
  last().welcomes();
  assert.equal(last().protocols[1], 'bearer.x.y.z');
  assert.equal(last().frames('subscribe')[0].since, 'p1');
});

test('connect cuts a delay short', async () => {
  const { client, sockets, last } = await opened();
  last().closes(1006);
  assert.equal(client.state, 'waiting');
  client.connect();
  await settle();
  assert.equal(sockets.length, 2);
});

test('a listener may close the client in the midst of a close', async () => {
  const { client, clock, sockets, last } = await opened();
  client.on('close', () => client.close());
  last().closes(1006);
  await clock.advance(100_000);
  assert.deepEqual([client.state, sockets.length], ['closed', 1]);
});

test('a handler that throws, and frames that are none, disturb nothing', async () => {
  const { client, last, named } = await opened();
  const reported = [];
  globalThis.reportError = (error) => reported.push(error.message);
  try {
    const got = [];
    client.subscribe('a', {
      onMessage: ({ payload }) => {
        got.push(payload);
        throw new Error(`thrown at ${payload}`);
      },
    });
    last().says({
      type: 'subscribed',
      id: last().frames('subscribe')[0].id,
      channel: 'a',
      position: 'p',
      recovered: true,
    });
    for (const payload of [1, 2])
      last().says({ type: 'message', channel: 'a', position: 'p', time: 1, payload });
    for (const bad of ['', 'nonsense', 'null', '[', '3', '{"type":"from_the_future","x":1}', '{}'])
      last().says(bad);
    last().says({ type: 'message', channel: 'a', position: 'p', time: 1, payload: 3 });
    assert.deepEqual(got, [1, 2, 3]);
    assert.deepEqual(reported, ['thrown at 1', 'thrown at 2', 'thrown at 3']);
    assert.deepEqual(
      named('error').map(({ code }) => code),
      Array(5).fill('bad_frame'),
    );
  } finally {
    delete globalThis.reportError;
  }
});

test('raw text: for random JSON it is the very text of the member', () => {
  const seed = Number(process.env.LQ_TEST_SEED ?? Math.floor(Math.random() * 2 ** 32));
  const random = randomSource(seed);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const space = () => pick(['', '', ' ', '\n\t', '\r\n']);
  const string = () =>
    JSON.stringify(
      Array.from({ length: random() * 6 }, () =>
        pick(['"', '\\', '{', '}', ']', ',', 'a', 'é', '\u2028', '\u0000', '😀']),
      ).join(''),
    );
  const value = (depth) => {
    const kind = depth > 3 ? pick(['s', 'n']) : pick(['s', 'n', 'o', 'a']);
    if (kind === 's') return string();
    if (kind === 'n') return pick(['0', '-1.50e+10', 'true', 'null', '98765432109876543210']);
    const items = Array.from(
      { length: random() * 4 },
      () => (kind === 'o' ? `${space()}${string()}${space()}:` : '') + space() + value(depth + 1) + space(),
    );
    return kind === 'o' ? `{${items.join(',') || space()}}` : `[${items.join(',') || space()}]`;
  };
  for (let i = 0; i < 3000; i++) {
    const payload = value(0);
    const before = random() < 0.5 ? `"x":${value(1)}${space()},${space()}` : '';
    const after = random() < 0.5 ? `${space()},"y"${space()}:${space()}${value(1)}` : '';
    const frame = `${space()}{${space()}${before}"payload"${space()}:${space()}${payload}${after}${space()}}`;
    JSON.parse(frame);
    assert.equal(rawMember(frame, 'payload'), payload, `seed ${seed}: ${frame}`);
  }
});
