// @ts-check
/**
 * lq.js: a client of LQ Realtime (protocol `lq.v1`) in one file, without dependencies. Copy it into
 * your page or project. It runs in browsers and in Node 22 or newer (anything with a global
 * `WebSocket`, `crypto` and `performance`).
 *
 *     import { LqClient } from './lq.js';
 *
 *     const client = new LqClient({ url: 'wss://example.org/ws', getToken: async () => '<jwt>' });
 *     const room = client.subscribe('room.1', {
 *       onMessage: (message) => console.log(message.from, message.payload),
 *       onLost: () => reloadFromYourDatabase(),
 *     });
 *     const position = await client.publish('room.1', { text: 'hello' });
 *
 * What it guarantees:
 *
 * - A subscription outlives the connection. After a reconnect it is made again from the last position
 *   that it saw, so that `onMessage` gets what was missed, once and in order. Where the server cannot
 *   replay that (retention, another log), `onLost` says so and the subscription goes on live.
 * - A publish is resolved with its position once the server has it durably, and is sent again with the
 *   same `id` after a reconnect or an `unavailable`; the server delivers an id once. Publishes leave in
 *   the order of the calls; one that the server refused for the moment (`unavailable`, `rate_limited`)
 *   may be overtaken by those that were on the wire with it.
 * - The token travels as a WebSocket subprotocol, never in a URL.
 *
 * What it does not do: it removes no duplicates and sorts nothing, since the server does both. It
 * keeps nothing across a reload of the page; keep `subscription.position` and pass it as `since`.
 *
 * Bounds: at most `maxPending` publishes and as many requests wait at a time, each for a limited time;
 * the delay between two connection attempts is 250 ms to 30 s with jitter, unless the server asks for
 * more. Handlers run one at a time, in the order of the frames; one that throws is reported (as an
 * uncaught error) and disturbs nothing else.
 */

/**
 * @typedef {object} LqOptions
 * @property {string} [url] `ws:` or `wss:` URL; by default `/ws` on the page's own host.
 * @property {string} [token] A fixed JWT. When the server says that it has expired, the client stops.
 * @property {() => string | Promise<string>} [getToken] Gives a JWT; asked for the first connection,
 *   and again whenever the last token may be the reason for which a connection failed.
 * @property {number} [connectTimeoutMs] From opening the socket to `welcome` (10 s).
 * @property {number} [requestTimeoutMs] For `presence`, `history`, `ping` and `refresh` (10 s).
 * @property {number} [publishTimeoutMs] For a publish, all retries included (60 s, at most 110 s).
 * @property {number} [maxPending] Publishes that may wait for their acks at a time (1,000).
 * @property {new (url: string, protocols: string[]) => WebSocket} [WebSocket] For tests, or a runtime
 *   without a global one.
 * @property {Clock} [clock] For tests.
 * @property {() => number} [random] For tests: a number in [0, 1).
 */

/**
 * @typedef {object} Clock
 * @property {() => number} now Milliseconds, monotonic.
 * @property {(run: () => void, ms: number) => any} setTimeout
 * @property {(timer: any) => void} clearTimeout
 */

/**
 * @typedef {object} SubscribeOptions
 * @property {string | Date} [since] Replay from here: a position, `'earliest'`, or an instant (a Date,
 *   or RFC 3339). Without it, from now on.
 * @property {boolean} [presence] Ask for `join` and `leave`.
 * @property {(message: Message) => void} [onMessage]
 * @property {(info: {channel: string, position: string, recovered: boolean, resumed: boolean}) => void} [onSubscribed]
 *   The server has it, on every connection anew. `resumed`: it was made again after a reconnect.
 * @property {(info: {channel: string, position: string}) => void} [onLive] What comes now is live: after the
 *   replay, or at once where there is none.
 * @property {(info: Presence) => void} [onJoin] @property {(info: Presence) => void} [onLeave]
 * @property {(info: {channel: string, position: string, oldest?: string}) => void} [onLost] There is a
 *   gap before `position`; `oldest` is the earliest position still retained, if the server told it.
 * @property {(error: LqError, willRetry: boolean) => void} [onError] The server refused the
 *   subscription. Without this handler the client's `error` event tells it.
 * @property {(info: {channel: string, reason?: string}) => void} [onEnded] The server ended it.
 */

/**
 * @typedef {object} Presence
 * @property {string} channel
 * @property {string} [position]
 * @property {string} [user] @property {string} [connection] In channels of up to 200 members.
 * @property {number} [connections] @property {number} [users] In larger ones.
 */

/**
 * @typedef {object} Welcome
 * @property {string} connection @property {string} user @property {string} tenant
 * @property {string} gateway @property {string} region
 * @property {number} heartbeatSeconds @property {number} maxFrameBytes
 */

/** @typedef {'connecting' | 'open' | 'waiting' | 'closed'} ClientState */

/** @typedef {'pending' | 'catching-up' | 'live' | 'ended'} SubscriptionState */

/**
 * @typedef {object} Closed
 * @property {number} code @property {string} reason
 * @property {string} meaning In words.
 * @property {boolean} wasOpen False: it failed before `welcome`, because the server is away or
 *   refused the token (a browser tells no one which).
 * @property {boolean} willReconnect
 */

/**
 * @typedef {object} Events
 * @property {Welcome} open
 * @property {Closed} close
 * @property {{delayMs: number, attempt: number}} reconnecting A new attempt starts after `delayMs`.
 * @property {{reason: string, afterMs: number}} advice The server asks to reconnect, and is going to close.
 * @property {LqError} error Whatever has no promise or handler of its own to go to.
 * @property {{state: ClientState, previous: ClientState}} state
 */

/** @typedef {'reconnect' | 'token' | 'stop'} CloseAction */

/** Why a connection ended: what it means, and what the client does then. Other codes: reconnect. */
export const CLOSE_CODES = Object.freeze(
  /** @type {Record<number, {meaning: string, then: CloseAction}>} */ ({
    1000: { meaning: 'closed in agreement', then: 'stop' },
    1001: { meaning: 'the server shuts down', then: 'reconnect' },
    1002: { meaning: 'protocol error', then: 'stop' },
    1003: { meaning: 'data of a kind that the server refuses', then: 'stop' },
    1006: { meaning: 'connection lost', then: 'reconnect' },
    1007: { meaning: 'text that is not UTF-8', then: 'stop' },
    1008: { meaning: 'too many errors', then: 'stop' },
    1009: { meaning: 'frame too large', then: 'stop' },
    1011: { meaning: 'internal error of the server', then: 'reconnect' },
    1012: { meaning: 'the server drains', then: 'reconnect' },
    1013: { meaning: 'the server is overloaded', then: 'reconnect' },
    4401: { meaning: 'token expired', then: 'token' },
    4403: { meaning: 'disconnected by an operator or a backend', then: 'stop' },
    4408: { meaning: 'no heartbeat', then: 'reconnect' },
    4413: { meaning: 'too far behind', then: 'reconnect' },
  }),
);

/**
 * What to do after a close: reconnect, get a new token and reconnect, or stop.
 * @param {number} code
 * @returns {CloseAction}
 */
export function closeAction(code) {
  return CLOSE_CODES[code]?.then ?? 'reconnect';
}

const SUBPROTOCOL = 'lq.v1';
const BACKOFF_MIN_MS = 250;
const BACKOFF_MAX_MS = 30_000;
/** A connection that lived this long was a good one: the next backoff starts anew. */
const STABLE_MS = 10_000;
/** No server should keep its clients waiting longer than this, whatever it sends. */
const MAX_ADVICE_MS = 300_000;
const DEFAULT_HEARTBEAT_SECONDS = 25;
/** The server remembers an id for two minutes: a retry after that could deliver it twice. */
const MAX_PUBLISH_TIMEOUT_MS = 110_000;
/**
 * Publishes on the wire at a time. A server in trouble refuses all of these one by one, and closes the
 * connections that collect 100 errors a minute.
 */
const PUBLISH_WINDOW = 64;

/**
 * The delay before connection attempt `attempt` (from 0): uniform between 250 ms and a ceiling that
 * doubles from 500 ms to 30 s, so that clients who lost their server together do not return together.
 * @param {number} attempt
 * @param {() => number} [random]
 * @returns {number} milliseconds
 */
export function backoffMs(attempt, random = Math.random) {
  const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** (attempt + 1));
  return BACKOFF_MIN_MS + random() * (ceiling - BACKOFF_MIN_MS);
}

/**
 * What went wrong. `code` is one of the server's (`bad_request`, `unsupported_type`, `forbidden`,
 * `too_large`, `rate_limited`, `limit_exceeded`, `unavailable`, `internal`) or the client's own:
 * `closed` (the client is stopped), `disconnected` (the connection ended before the answer),
 * `timeout`, `queue_full`, `token` (none could be had, or it is none), `bad_frame`.
 */
export class LqError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {{id?: string, channel?: string, retryAfterMs?: number, sent?: boolean, cause?: unknown}} [more]
   */
  constructor(code, message, more = {}) {
    super(message, { cause: more.cause });
    this.name = 'LqError';
    this.code = code;
    /** The publish or request that it is about. */
    this.id = more.id;
    this.channel = more.channel;
    this.retryAfterMs = more.retryAfterMs;
    /** Of a failed publish: it has left, so that it may have been published all the same. */
    this.sent = more.sent ?? false;
  }

  /** @param {any} frame a frame of type `error` */
  static of(frame) {
    const { code, message, retryAfterMs } = frame.payload ?? {};
    return new LqError(String(code ?? 'internal'), String(message ?? 'no message'), {
      id: frame.id,
      channel: frame.channel,
      retryAfterMs: Number.isFinite(retryAfterMs) && retryAfterMs >= 0 ? retryAfterMs : undefined,
    });
  }
}

/** A message, as a subscription or `history` gives it. */
export class Message {
  #text;

  /**
   * @param {any} frame
   * @param {string} text The frame's own text.
   */
  constructor(frame, text) {
    /** @type {string} */
    this.channel = frame.channel;
    /** Names the message, and is a `since` to go on from. @type {string} */
    this.position = frame.position;
    /** The publisher's id, if it gave one. @type {string | undefined} */
    this.id = frame.id;
    /** @type {string | undefined} */
    this.from = frame.from;
    /** When the log took it, in ms since 1970, by the log's clock. @type {number} */
    this.time = frame.time;
    /** Parsed; numbers are JavaScript's, so a long one loses digits here, and not in `raw`. @type {any} */
    this.payload = frame.payload;
    this.#text = text;
  }

  /** The payload's JSON text exactly as it was published; cut out of the frame when it is asked for. */
  get raw() {
    return rawMember(this.#text, 'payload') ?? 'null';
  }
}

/** A channel that the client follows until `unsubscribe()`, across reconnects. */
export class Subscription {
  #track;

  /** @param {Track} track Made by `client.subscribe` only. */
  constructor(track) {
    this.#track = track;
  }

  get channel() {
    return this.#track.channel;
  }

  /** @returns {SubscriptionState} */
  get state() {
    return this.#track.state;
  }

  /** The last position seen, to be kept and passed as `since` another time. @returns {string | undefined} */
  get position() {
    return this.#track.position;
  }

  /**
   * Ends it: no handler is called from here on. Resolves when the server knows, or when the connection
   * is gone anyway.
   * @returns {Promise<void>}
   */
  unsubscribe() {
    return this.#track.unsubscribe(this.#track);
  }
}

export class LqClient {
  /** @type {Required<Omit<LqOptions, 'token' | 'getToken'>>} */ #options;
  /** @type {LqOptions['getToken']} */ #getToken;
  /** @type {string | undefined} */ #token;
  /** @type {ClientState} */ #state = 'closed';
  /** @type {WebSocket | undefined} */ #socket;
  /** @type {Welcome | undefined} */ #welcome;
  /** Invalidates what an earlier attempt still has under way. */ #turn = 0;
  #attempt = 0;
  #openedAt = 0;
  /** When the server advised to be back. @type {number | undefined} */ #returnAt;
  /** Connect timeout, advised departure or delay before the next attempt. @type {any} */ #timer;
  /** @type {Heartbeat | undefined} */ #heartbeat;
  /** @type {Map<string, Set<(event: any) => void>>} */ #listeners = new Map();
  /** By channel. @type {Map<string, Track>} */ #tracks = new Map();
  /** Subscriptions whose answer is due. @type {Map<string, Track>} */ #asked = new Map();
  /** @type {Requests} */ #requests;
  /** @type {Publisher} */ #publisher;
  #nextId = 0;
  #onOnline = () => this.#wake();

  /**
   * Connects by itself; listeners that are added in the same turn miss nothing.
   * @param {LqOptions} options
   */
  constructor(options) {
    const { token, getToken, ...rest } = options;
    if ((token === undefined) === (getToken === undefined)) {
      throw new TypeError('give either token or getToken');
    }
    if (token !== undefined) this.#token = checkedToken(token);
    this.#getToken = getToken;
    this.#options = {
      url: rest.url ?? defaultUrl(),
      connectTimeoutMs: positive('connectTimeoutMs', rest.connectTimeoutMs ?? 10_000),
      requestTimeoutMs: positive('requestTimeoutMs', rest.requestTimeoutMs ?? 10_000),
      publishTimeoutMs: publishTimeout(rest.publishTimeoutMs ?? 60_000),
      maxPending: positive('maxPending', rest.maxPending ?? 1_000),
      WebSocket: rest.WebSocket ?? globalThis.WebSocket,
      clock: rest.clock ?? SYSTEM_CLOCK,
      random: rest.random ?? Math.random,
    };
    if (typeof this.#options.WebSocket !== 'function') {
      throw new TypeError('this runtime has no WebSocket: use Node 22 or newer, or pass one');
    }
    const link = { send: (/** @type {string} */ text) => this.#send(text), ...this.#options };
    this.#requests = new Requests(link);
    this.#publisher = new Publisher(link);
    this.connect();
  }

  get state() {
    return this.#state;
  }

  /** Who and where the client is, as the server told it; undefined while there is no connection. */
  get welcome() {
    return this.#welcome;
  }

  /** The subscriptions that have not ended. */
  get subscriptions() {
    return [...this.#tracks.values()].map((track) => track.subscription);
  }

  /** Publishes that wait for their acks. */
  get pendingPublishes() {
    return this.#publisher.size;
  }

  /**
   * @template {keyof Events} E
   * @param {E} event
   * @param {(detail: Events[E]) => void} listener
   * @returns {() => void} takes the listener off again
   */
  on(event, listener) {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /**
   * Connects now: after `close()` or a stop (subscriptions go on from where they were), or to cut a
   * delay between two attempts short. Nothing happens if it is connected or about to.
   * @param {string} [token] Used from here on, in place of the former.
   */
  connect(token) {
    if (token !== undefined) this.#token = checkedToken(token);
    if (this.#state === 'open' || this.#state === 'connecting') return;
    if (this.#state === 'closed') {
      this.#attempt = 0;
      globalThis.addEventListener?.('online', this.#onOnline);
    }
    void this.#connect();
  }

  /** Stops. What waits for an answer is rejected; subscriptions are kept for another `connect()`. */
  close() {
    if (this.#state === 'closed') return;
    const wasOpen = this.#state === 'open';
    const socket = this.#detach();
    socket?.close(1000);
    const closed = { code: 1000, reason: '', meaning: 'closed by the client', wasOpen, willReconnect: false };
    this.#stopped(closed);
  }

  /**
   * Follows a channel. Subscribing again to one replaces the former subscription, whose handlers then
   * get nothing more.
   * @param {string} channel
   * @param {SubscribeOptions} [options]
   * @returns {Subscription}
   */
  subscribe(channel, options = {}) {
    const former = this.#tracks.get(channel);
    if (former) this.#forget(former);
    const track = new Track(channel, options, (it) => this.#unsubscribe(it));
    this.#tracks.set(channel, track);
    if (this.#state === 'open') this.#ask(track);
    return track.subscription;
  }

  /**
   * Publishes a value as JSON.
   * @param {string} channel
   * @param {any} payload Anything that JSON.stringify takes.
   * @param {{id?: string, timeoutMs?: number}} [options] `id`: your own, unique, 1 to 128 characters.
   * @returns {Promise<string>} the position, once the message is durable; rejected with an LqError,
   *   whose `sent` tells whether the message may have been published all the same.
   */
  async publish(channel, payload, options) {
    const json = JSON.stringify(payload);
    if (json === undefined) throw new TypeError('a payload must be representable in JSON');
    return this.#publish(channel, json, options);
  }

  /**
   * Publishes JSON text as it stands; it is delivered byte for byte.
   * @param {string} channel
   * @param {string} json
   * @param {{id?: string, timeoutMs?: number}} [options] As for `publish`.
   * @returns {Promise<string>}
   * @throws {SyntaxError} (as a rejection) if it is not JSON
   */
  async publishRaw(channel, json, options) {
    JSON.parse(json);
    return this.#publish(channel, json, options);
  }

  /**
   * Who is subscribed to a channel.
   * @param {string} channel
   * @returns {Promise<{connections: number, users: number, members: {user: string, connection: string, since: number | string}[]}>}
   */
  async presence(channel) {
    const { frame } = await this.#request({ type: 'presence', channel }, 'resend');
    return frame.payload;
  }

  /**
   * Reads what a channel holds, without following it.
   * @param {string} channel
   * @param {{since?: string | Date, limit?: number}} [options] `limit`: 1 to 1,000 (100).
   * @returns {Promise<{messages: Message[], position: string, more: boolean}>} `position` is the
   *   `since` of the next page.
   */
  async history(channel, { since, limit } = {}) {
    const { frame, text } = await this.#request(
      { type: 'history', channel, since: sinceText(since), limit },
      'resend',
    );
    const raw = rawMember(rawMember(text, 'payload') ?? '{}', 'messages') ?? '[]';
    const messages = rawElements(raw).map((element) => new Message(JSON.parse(element), element));
    return { messages, position: frame.payload.position, more: frame.payload.more === true };
  }

  /** @returns {Promise<number>} the round trip to the server, in ms */
  async ping() {
    const start = this.#options.clock.now();
    await this.#request({ type: 'ping' }, 'reject');
    return this.#options.clock.now() - start;
  }

  /**
   * Puts a new token (same tenant and user, later expiry) in the place of the present one, which keeps
   * the connection past the old one's expiry. Without a connection, the next one uses it.
   * @param {string} token
   * @returns {Promise<number | undefined>} when the token expires (seconds since 1970), if the server told
   */
  async refresh(token) {
    checkedToken(token);
    if (this.#state !== 'open') {
      this.#token = token;
      return undefined;
    }
    const { frame } = await this.#request({ type: 'refresh', payload: { token } }, 'reject');
    this.#token = token;
    return frame.payload?.exp;
  }

  // --- Connection ---------------------------------------------------------------------------------

  async #connect() {
    const turn = ++this.#turn;
    this.#options.clock.clearTimeout(this.#timer);
    this.#setState('connecting');
    let token;
    try {
      token =
        this.#token ??
        checkedToken(await /** @type {NonNullable<LqOptions['getToken']>} */ (this.#getToken)());
      await null; // also with a fixed token: not before the caller could add its listeners
    } catch (cause) {
      if (turn !== this.#turn) return;
      this.#emit('error', new LqError('token', `no token: ${textOf(cause)}`, { cause }));
      if (turn === this.#turn) this.#wait(backoffMs(this.#attempt++, this.#options.random));
      return;
    }
    if (turn !== this.#turn) return;
    this.#token ??= token;
    this.#open(this.#token);
  }

  /** @param {string} token */
  #open(token) {
    const { clock, url, connectTimeoutMs } = this.#options;
    /** @type {WebSocket} */ let socket;
    try {
      socket = new this.#options.WebSocket(url, [SUBPROTOCOL, `bearer.${token}`]);
    } catch (cause) {
      this.#emit('error', new LqError('bad_request', textOf(cause), { cause }));
      this.#stopped({
        code: 1006,
        reason: textOf(cause),
        meaning: 'not a usable URL',
        wasOpen: false,
        willReconnect: false,
      });
      return;
    }
    this.#socket = socket;
    socket.onmessage = (event) => {
      if (socket === this.#socket) this.#heard(event.data);
    };
    socket.onclose = (event) => {
      if (socket === this.#socket) this.#down(event.code, event.reason);
    };
    // Node's WebSocket does not always let a close follow on a failed handshake.
    socket.onerror = () =>
      clock.setTimeout(() => {
        if (socket === this.#socket && this.#state === 'connecting') this.#down(1006, 'connection failed');
      }, 100);
    this.#timer = clock.setTimeout(() => this.#down(1006, 'no welcome in time'), connectTimeoutMs);
  }

  /** @param {any} data */
  #heard(data) {
    this.#heartbeat?.heard();
    try {
      const frame = typeof data === 'string' ? JSON.parse(data) : undefined;
      if (typeof frame !== 'object' || frame === null) throw new TypeError('not a JSON object');
      this.#receive(frame, data);
    } catch (cause) {
      this.#emit('error', new LqError('bad_frame', `frame not understood: ${textOf(cause)}`, { cause }));
    }
  }

  /**
   * @param {any} frame
   * @param {string} text
   */
  #receive(frame, text) {
    const track = this.#tracks.get(frame.channel);
    switch (frame.type) {
      case 'message':
        track?.message(frame, text);
        break;
      case 'ack':
        this.#publisher.acked(frame.id, frame.position);
        break;
      case 'pong':
        this.#requests.answered(frame.payload, frame, text);
        break;
      case 'presence':
      case 'history':
      case 'refreshed':
        this.#requests.answered(frame.id, frame, text);
        break;
      case 'subscribed':
        if (frame.id === undefined) track?.overtaken(frame);
        else this.#take(frame.id)?.subscribed(frame);
        break;
      case 'live':
        track?.live(frame);
        break;
      case 'join':
      case 'leave':
        track?.presence(frame);
        break;
      case 'unsubscribed':
        if (frame.id !== undefined) this.#requests.answered(frame.id, frame, text);
        else if (track?.isSubscribed) {
          this.#forget(track);
          call(track.options.onEnded, { channel: track.channel, reason: frame.reason });
        }
        break;
      case 'welcome':
        if (this.#state === 'connecting') this.#up(frame.payload);
        break;
      case 'reconnect':
        this.#advised(frame.payload ?? {});
        break;
      case 'error':
        this.#refused(LqError.of(frame));
        break;
      default: // a later version's: not ours to judge
    }
  }

  /** @param {Welcome} welcome */
  #up(welcome) {
    const { clock } = this.#options;
    clock.clearTimeout(this.#timer);
    this.#welcome = welcome;
    this.#openedAt = clock.now();
    const seconds = welcome.heartbeatSeconds > 0 ? welcome.heartbeatSeconds : DEFAULT_HEARTBEAT_SECONDS;
    this.#heartbeat = new Heartbeat(
      clock,
      seconds * 1000,
      () => this.#send('{"type":"ping"}'),
      () => this.#down(1006, 'the server is silent'),
    );
    this.#setState('open');
    for (const track of this.#tracks.values()) this.#ask(track);
    this.#requests.up();
    this.#publisher.up(welcome.maxFrameBytes > 0 ? welcome.maxFrameBytes : Infinity);
    this.#emit('open', welcome);
  }

  /**
   * The connection is gone, or is given up.
   * @param {number} code
   * @param {string} reason
   */
  #down(code, reason) {
    const { clock, random } = this.#options;
    const wasOpen = this.#state === 'open';
    const returnAt = this.#returnAt;
    // Closing may take a browser a minute where the other end is silent, and nothing depends on it.
    this.#detach()?.close();
    const action = closeAction(code);
    const meaning =
      wasOpen || code !== 1006
        ? (CLOSE_CODES[code]?.meaning ?? `close code ${code}`)
        : 'no connection: the server is away, or refuses the token';
    // A 401 or 403 before the upgrade looks to a browser like a server that is away.
    if (this.#getToken && (action === 'token' || !wasOpen)) this.#token = undefined;
    const stop = action === 'stop' || (action === 'token' && !this.#getToken);
    const closed = { code, reason, meaning, wasOpen, willReconnect: !stop };
    if (stop) {
      this.#stopped(closed);
      return;
    }
    const stable = wasOpen && clock.now() - this.#openedAt >= STABLE_MS;
    if (stable) this.#attempt = 0;
    let delayMs = backoffMs(this.#attempt, random);
    if (returnAt !== undefined) {
      const advised = Math.max(0, returnAt - clock.now());
      delayMs = stable ? advised : Math.max(advised, delayMs);
    }
    this.#attempt++;
    this.#requests.down();
    this.#publisher.down();
    this.#setTimerFor(delayMs);
    const turn = this.#turn;
    this.#setState('waiting');
    // A listener may have closed the client, or connected it, which told its own story.
    if (turn === this.#turn) this.#emit('close', closed);
    if (turn === this.#turn) this.#emit('reconnecting', { delayMs, attempt: this.#attempt });
  }

  /** @param {number} delayMs */
  #wait(delayMs) {
    this.#setTimerFor(delayMs);
    const turn = this.#turn;
    this.#setState('waiting');
    if (turn === this.#turn) this.#emit('reconnecting', { delayMs, attempt: this.#attempt });
  }

  /** @param {number} delayMs */
  #setTimerFor(delayMs) {
    this.#timer = this.#options.clock.setTimeout(() => void this.#connect(), delayMs);
  }

  /** Lets go of the socket, from which nothing is heard any more. */
  #detach() {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#welcome = undefined;
    this.#returnAt = undefined;
    this.#heartbeat?.stop();
    this.#heartbeat = undefined;
    this.#options.clock.clearTimeout(this.#timer);
    this.#turn++;
    this.#asked.clear();
    for (const track of this.#tracks.values()) track.disconnected(this.#options.clock);
    return socket;
  }

  /** @param {Closed} closed */
  #stopped(closed) {
    globalThis.removeEventListener?.('online', this.#onOnline);
    this.#setState('closed');
    this.#requests.stop(closed.meaning);
    this.#publisher.stop(closed.meaning);
    this.#emit('close', closed);
  }

  /** @param {{reason?: string, afterMs?: number}} advice */
  #advised({ reason, afterMs }) {
    const { clock } = this.#options;
    const wait = Math.min(MAX_ADVICE_MS, Math.max(0, Number(afterMs) || 0));
    this.#returnAt = clock.now() + wait;
    clock.clearTimeout(this.#timer);
    // Usually the server closes first. If it does not, leaving at the moment it named is as good.
    this.#timer = clock.setTimeout(() => this.#down(1012, reason ?? ''), wait);
    this.#emit('advice', { reason: String(reason ?? ''), afterMs: wait });
  }

  /** The network is back, says the browser: no need to sit out a delay, or to trust an old socket. */
  #wake() {
    if (this.#state === 'waiting') this.connect();
    else this.#heartbeat?.probe();
  }

  /** @param {LqError} error */
  #refused(error) {
    const id = error.id ?? '';
    if (this.#asked.has(id)) {
      const track = this.#take(id);
      if (track) this.#subscribeRefused(track, error);
    } else if (!this.#publisher.refused(id, error) && !this.#requests.refused(id, error)) {
      this.#emit('error', error);
    }
  }

  /** @param {string} text */
  #send(text) {
    if (this.#state !== 'open') return false;
    /** @type {WebSocket} */ (this.#socket).send(text);
    return true;
  }

  /**
   * @param {object} frame
   * @param {OnDown} onDown
   */
  #request(frame, onDown) {
    if (this.#state === 'closed') return Promise.reject(new LqError('closed', 'the client is closed'));
    const id = `r${++this.#nextId}`;
    // A pong has no id: what it brings back is the payload.
    const key = /** @type {any} */ (frame).type === 'ping' ? { payload: id } : { id };
    return this.#requests.add(id, JSON.stringify({ ...frame, ...key }), onDown, this.#state === 'open');
  }

  /**
   * @param {string} channel
   * @param {string} json
   * @param {{id?: string, timeoutMs?: number}} [options]
   */
  #publish(channel, json, { id = newId(), timeoutMs } = {}) {
    if (this.#state === 'closed') throw new LqError('closed', 'the client is closed', { id, channel });
    return this.#publisher.add(
      id,
      channel,
      json,
      publishTimeout(timeoutMs ?? this.#options.publishTimeoutMs),
    );
  }

  // --- Subscriptions ------------------------------------------------------------------------------

  /** @param {Track} track */
  #ask(track) {
    const id = `s${++this.#nextId}`;
    this.#asked.set(id, track);
    this.#send(JSON.stringify({ type: 'subscribe', id, ...track.request() }));
  }

  /**
   * The subscription that a request was for, unless it has been replaced since.
   * @param {string} id
   */
  #take(id) {
    const track = this.#asked.get(id);
    this.#asked.delete(id);
    return track && this.#tracks.get(track.channel) === track ? track : undefined;
  }

  /**
   * @param {Track} track
   * @param {LqError} error
   */
  #subscribeRefused(track, error) {
    const { clock, random } = this.#options;
    const retryInMs = retryDelay(error, track.refusals++, random);
    const withoutSince = retryInMs === undefined && track.giveUpSince();
    const willRetry = withoutSince || retryInMs !== undefined;
    if (!willRetry) this.#forget(track);
    if (withoutSince) this.#ask(track);
    else if (retryInMs !== undefined) track.retry = clock.setTimeout(() => this.#ask(track), retryInMs);
    if (track.options.onError)
      call((/** @type {LqError} */ e) => track.options.onError?.(e, willRetry), error);
    else this.#emit('error', error);
  }

  /** @param {Track} track */
  #forget(track) {
    track.end(this.#options.clock);
    if (this.#tracks.get(track.channel) === track) this.#tracks.delete(track.channel);
  }

  /** @param {Track} track */
  async #unsubscribe(track) {
    const current = this.#tracks.get(track.channel) === track;
    this.#forget(track);
    if (current && this.#state === 'open') {
      await this.#request({ type: 'unsubscribe', channel: track.channel }, 'resolve');
    }
  }

  // --- Events -------------------------------------------------------------------------------------

  /** @param {ClientState} state */
  #setState(state) {
    const previous = this.#state;
    this.#state = state;
    if (state !== previous) this.#emit('state', { state, previous });
  }

  /**
   * @template {keyof Events} E
   * @param {E} event
   * @param {Events[E]} detail
   */
  #emit(event, detail) {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) call(listener, detail);
  }
}

/** One channel's subscription: what was asked for, what has been seen, whom to tell. No I/O. */
class Track {
  /** @type {string | undefined} */ position;
  /** @type {SubscriptionState} */ state = 'pending';
  /** Times that the server refused it in a row. */ refusals = 0;
  /** @type {any} */ retry;
  /** Where to start as long as nothing was seen. @type {string | undefined} */ #since;
  /** The `since` of the request under way. @type {string | undefined} */ #asked;
  #sinceRefused = false;
  #wasSubscribed = false;

  /**
   * @param {string} channel
   * @param {SubscribeOptions} options
   * @param {(track: Track) => Promise<void>} unsubscribe
   */
  constructor(channel, options, unsubscribe) {
    this.channel = channel;
    this.options = options;
    this.unsubscribe = unsubscribe;
    this.#since = sinceText(options.since);
    this.subscription = new Subscription(this);
  }

  /** Frames before `subscribed` belong to a former subscription of the channel. */
  get isSubscribed() {
    return this.state === 'live' || this.state === 'catching-up';
  }

  request() {
    this.#asked = this.#sinceRefused ? undefined : (this.position ?? this.#since);
    return { channel: this.channel, since: this.#asked, presence: this.options.presence };
  }

  /** The server takes no `since`: there will be a gap. @returns {boolean} whether that is worth a try */
  giveUpSince() {
    const had = this.#asked !== undefined;
    this.#sinceRefused = had;
    return had;
  }

  /** @param {any} frame */
  subscribed(frame) {
    const replays = this.#asked !== undefined && frame.recovered === true;
    const lost = this.#sinceRefused || (this.#asked !== undefined && !replays);
    // With a replay before it, this is where live starts: to resume from here would skip the replay.
    if (!replays) this.#saw(frame);
    this.state = replays ? 'catching-up' : 'live';
    this.refusals = 0;
    this.#sinceRefused = false;
    const info = { channel: this.channel, position: frame.position };
    const resumed = this.#wasSubscribed;
    this.#wasSubscribed = true;
    call(this.options.onSubscribed, { ...info, recovered: !lost, resumed });
    if (lost) call(this.options.onLost, { ...info, oldest: frame.oldest });
    if (!replays && this.isSubscribed) call(this.options.onLive, info);
  }

  /** Retention was faster than this subscription. @param {any} frame */
  overtaken(frame) {
    if (!this.isSubscribed) return;
    const wasLive = this.state === 'live';
    this.#saw(frame);
    this.state = 'live';
    const info = { channel: this.channel, position: frame.position };
    call(this.options.onLost, { ...info, oldest: frame.oldest });
    if (!wasLive && this.isSubscribed) call(this.options.onLive, info);
  }

  /** @param {any} frame */
  live(frame) {
    if (!this.isSubscribed) return;
    this.#saw(frame);
    this.state = 'live';
    call(this.options.onLive, { channel: this.channel, position: frame.position });
  }

  /**
   * @param {any} frame
   * @param {string} text
   */
  message(frame, text) {
    if (!this.isSubscribed) return;
    this.#saw(frame);
    call(this.options.onMessage, new Message(frame, text));
  }

  /** @param {any} frame */
  presence(frame) {
    if (!this.isSubscribed) return;
    const handler = frame.type === 'join' ? this.options.onJoin : this.options.onLeave;
    call(handler, { ...frame.payload, channel: this.channel, position: frame.position });
  }

  /** @param {any} frame */
  #saw(frame) {
    if (typeof frame.position === 'string') this.position = frame.position;
  }

  /** @param {Clock} clock */
  disconnected(clock) {
    clock.clearTimeout(this.retry);
    this.state = 'pending';
    this.#sinceRefused = false;
  }

  /** @param {Clock} clock */
  end(clock) {
    clock.clearTimeout(this.retry);
    this.state = 'ended';
  }
}

/**
 * @typedef {object} Link What a connection is to those who send on it.
 * @property {(text: string) => boolean} send False: there is no connection.
 * @property {Clock} clock @property {() => number} random
 * @property {number} maxPending @property {number} requestTimeoutMs
 */

/** @typedef {'resend' | 'reject' | 'resolve'} OnDown What becomes of a request when the connection ends. */

/** Questions that wait for their answers, by id. */
class Requests {
  /** @type {Map<string, {text: string, onDown: OnDown, resolve: (a: any) => void, reject: (e: Error) => void, timer: any}>} */
  #pending = new Map();
  #link;

  /** @param {Link} link */
  constructor(link) {
    this.#link = link;
  }

  /**
   * @param {string} id
   * @param {string} text
   * @param {OnDown} onDown
   * @param {boolean} isOpen
   * @returns {Promise<{frame: any, text: string}>}
   */
  add(id, text, onDown, isOpen) {
    const { clock, maxPending, requestTimeoutMs } = this.#link;
    if (!isOpen && onDown !== 'resend') {
      return Promise.reject(new LqError('disconnected', 'there is no connection', { id }));
    }
    if (this.#pending.size >= maxPending) {
      return Promise.reject(new LqError('queue_full', `${maxPending} requests wait already`, { id }));
    }
    return new Promise((resolve, reject) => {
      const late = () => this.refused(id, new LqError('timeout', 'no answer in time', { id }));
      const timer = clock.setTimeout(late, requestTimeoutMs);
      this.#pending.set(id, { text, onDown, resolve, reject, timer });
      this.#link.send(text);
    });
  }

  /**
   * @param {string} id
   * @param {any} frame
   * @param {string} text
   */
  answered(id, frame, text) {
    this.#remove(id)?.resolve({ frame, text });
  }

  /**
   * @param {string} id
   * @param {Error} error
   * @returns {boolean} whether it was one of these
   */
  refused(id, error) {
    const request = this.#remove(id);
    request?.reject(error);
    return request !== undefined;
  }

  up() {
    for (const { text } of this.#pending.values()) this.#link.send(text);
  }

  down() {
    for (const [id, { onDown }] of [...this.#pending]) {
      if (onDown === 'resolve') this.answered(id, {}, '{}');
      else if (onDown === 'reject')
        this.refused(id, new LqError('disconnected', 'the connection ended', { id }));
    }
  }

  /** @param {string} why */
  stop(why) {
    this.down();
    for (const id of [...this.#pending.keys()]) this.refused(id, new LqError('closed', why, { id }));
  }

  /** @param {string} id */
  #remove(id) {
    const request = this.#pending.get(id);
    if (request) this.#link.clock.clearTimeout(request.timer);
    this.#pending.delete(id);
    return request;
  }
}

/**
 * Publishes that wait for their acks, in the order of the calls. At most `PUBLISH_WINDOW` are on the
 * wire; a refusal for the moment holds all of them for as long as the server asks.
 */
class Publisher {
  /** @type {Map<string, {text: string, channel: string, onWire: boolean, sent: boolean, refusals: number, resolve: (position: string) => void, reject: (e: Error) => void, timer: any}>} */
  #pending = new Map();
  #onWire = 0;
  #maxFrameBytes = Infinity;
  /** While set, nothing is sent. @type {any} */ #hold;
  #link;

  /** @param {Link} link */
  constructor(link) {
    this.#link = link;
  }

  get size() {
    return this.#pending.size;
  }

  /**
   * @param {string} id
   * @param {string} channel
   * @param {string} json
   * @param {number} timeoutMs
   * @returns {Promise<string>}
   */
  add(id, channel, json, timeoutMs) {
    const { clock, maxPending } = this.#link;
    if (this.#pending.size >= maxPending) {
      throw new LqError('queue_full', `${maxPending} publishes wait for their acks already`, { id, channel });
    }
    if (this.#pending.has(id))
      throw new LqError('bad_request', 'this id is being published', { id, channel });
    const head = JSON.stringify({ type: 'publish', id, channel });
    const text = `${head.slice(0, -1)},"payload":${json}}`;
    return new Promise((resolve, reject) => {
      const timer = clock.setTimeout(() => this.#late(id), timeoutMs);
      this.#pending.set(id, {
        text,
        channel,
        onWire: false,
        sent: false,
        refusals: 0,
        resolve,
        reject,
        timer,
      });
      this.#pump();
    });
  }

  /**
   * @param {string} id
   * @param {string} position
   */
  acked(id, position) {
    this.#remove(id)?.resolve(position);
    this.#pump();
  }

  /**
   * @param {string} id
   * @param {LqError} error
   * @returns {boolean} whether it was one of these
   */
  refused(id, error) {
    const entry = this.#pending.get(id);
    if (!entry) return false;
    const retryInMs =
      error.code === 'internal' ? undefined : retryDelay(error, entry.refusals++, this.#link.random);
    if (retryInMs === undefined) {
      error.channel ??= entry.channel;
      this.#remove(id)?.reject(error);
      this.#pump();
      return true;
    }
    if (entry.onWire) this.#onWire--;
    entry.onWire = false;
    this.#link.clock.clearTimeout(this.#hold);
    this.#hold = this.#link.clock.setTimeout(() => {
      this.#hold = undefined;
      this.#pump();
    }, retryInMs);
    return true;
  }

  /** @param {number} maxFrameBytes */
  up(maxFrameBytes) {
    this.#maxFrameBytes = maxFrameBytes;
    this.#pump();
  }

  down() {
    this.#onWire = 0;
    for (const entry of this.#pending.values()) entry.onWire = false;
  }

  /** @param {string} why */
  stop(why) {
    this.#link.clock.clearTimeout(this.#hold);
    this.#hold = undefined;
    for (const id of [...this.#pending.keys()]) this.#fail(id, 'closed', why);
  }

  #pump() {
    if (this.#hold !== undefined) return;
    for (const [id, entry] of this.#pending) {
      if (this.#onWire >= PUBLISH_WINDOW) return;
      if (entry.onWire) continue;
      if (!fits(entry.text, this.#maxFrameBytes)) {
        this.#fail(id, 'too_large', `larger than a frame may be (${this.#maxFrameBytes} bytes)`);
      } else if (this.#link.send(entry.text)) {
        entry.onWire = true;
        entry.sent = true;
        this.#onWire++;
      } else return;
    }
  }

  /** @param {string} id */
  #late(id) {
    this.#fail(id, 'timeout', 'no ack in time');
    this.#pump();
  }

  /**
   * @param {string} id
   * @param {string} code
   * @param {string} why
   */
  #fail(id, code, why) {
    const entry = this.#remove(id);
    if (!entry) return;
    const message = entry.sent ? `${why}; it was sent, and may have been published` : why;
    entry.reject(new LqError(code, message, { id, channel: entry.channel, sent: entry.sent }));
  }

  /** @param {string} id */
  #remove(id) {
    const entry = this.#pending.get(id);
    if (!entry) return undefined;
    this.#link.clock.clearTimeout(entry.timer);
    if (entry.onWire) this.#onWire--;
    this.#pending.delete(id);
    return entry;
  }
}

/**
 * Tells a dead server from a quiet one. The server's own pings are invisible to JavaScript, so after
 * one period without a frame it asks, and after 2.5 it gives up. Where timers were late (a laptop that
 * slept), the server still gets some seconds to answer.
 */
class Heartbeat {
  #heardAt;
  /** When an answer must have come. @type {number | undefined} */ #due;
  /** @type {any} */ #timer;
  #clock;
  #periodMs;
  #ping;
  #dead;

  /**
   * @param {Clock} clock
   * @param {number} periodMs
   * @param {() => void} ping
   * @param {() => void} dead
   */
  constructor(clock, periodMs, ping, dead) {
    this.#clock = clock;
    this.#periodMs = periodMs;
    this.#ping = ping;
    this.#dead = dead;
    this.#heardAt = clock.now();
    this.#schedule(periodMs);
  }

  heard() {
    this.#heardAt = this.#clock.now();
    // Only an answer moves the timer: a busy connection shall not set one per frame.
    if (this.#due === undefined) return;
    this.#due = undefined;
    this.#schedule(this.#periodMs);
  }

  probe() {
    this.#ask(0);
  }

  stop() {
    this.#clock.clearTimeout(this.#timer);
  }

  #check() {
    const now = this.#clock.now();
    const quietMs = now - this.#heardAt;
    if (this.#due !== undefined && now >= this.#due) this.#dead();
    else if (this.#due !== undefined) this.#schedule(this.#due - now);
    else if (quietMs >= this.#periodMs) this.#ask(this.#heardAt + 2.5 * this.#periodMs);
    else this.#schedule(this.#periodMs - quietMs);
  }

  /** @param {number} earliestDue */
  #ask(earliestDue) {
    const now = this.#clock.now();
    this.#due = Math.max(earliestDue, now + Math.min(5_000, 1.5 * this.#periodMs));
    this.#schedule(this.#due - now);
    this.#ping();
  }

  /** @param {number} ms */
  #schedule(ms) {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = this.#clock.setTimeout(() => this.#check(), ms);
  }
}

// --- Raw JSON: where a value lies in text that JSON.parse has accepted already -------------------------

/**
 * @param {string} text A JSON object.
 * @param {string} name
 * @returns {string | undefined} the text of that member's value; of the last one, as JSON.parse does
 */
export function rawMember(text, name) {
  let found;
  let at = skipSpace(text, skipSpace(text, 0) + 1);
  while (text[at] === '"') {
    const keyEnd = skipString(text, at);
    const key = JSON.parse(text.slice(at, keyEnd));
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const end = skipValue(text, start);
    if (key === name) found = text.slice(start, end);
    at = skipSpace(text, end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return found;
}

/**
 * @param {string} text A JSON array.
 * @returns {string[]} its elements' texts
 */
function rawElements(text) {
  const elements = [];
  let at = skipSpace(text, skipSpace(text, 0) + 1);
  while (at < text.length && text[at] !== ']') {
    const end = skipValue(text, at);
    elements.push(text.slice(at, end));
    at = skipSpace(text, end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return elements;
}

/** @param {string} text @param {number} at */
function skipSpace(text, at) {
  while (at < text.length && ' \t\n\r'.includes(text[at])) at++;
  return at;
}

/** @param {string} text @param {number} at The opening quote. */
function skipString(text, at) {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '"') return i + 1;
  }
  return text.length;
}

/** @param {string} text @param {number} at */
function skipValue(text, at) {
  let depth = 0;
  for (let i = at; i < text.length;) {
    const c = text[i];
    if (c === '"') i = skipString(text, i);
    else if (c === '{' || c === '[') {
      depth++;
      i++;
    } else if (depth > 0 && (c === '}' || c === ']')) {
      depth--;
      i++;
    } else if (depth === 0 && ',]} \t\n\r'.includes(c)) return i;
    else {
      i++;
      continue;
    }
    if (depth === 0) return i;
  }
  return text.length;
}

// --- Small things ---------------------------------------------------------------------------------------

/** Wrapped, since a browser's timers refuse to be called as someone's methods. @type {Clock} */
const SYSTEM_CLOCK = {
  now: () => performance.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (timer) => clearTimeout(timer),
};

/**
 * How long to wait before the same again, or undefined where it would be refused again.
 * @param {LqError} error
 * @param {number} refusals
 * @param {() => number} random
 */
function retryDelay(error, refusals, random) {
  if (!['unavailable', 'rate_limited', 'internal'].includes(error.code)) return undefined;
  const own = backoffMs(refusals, random);
  return error.retryAfterMs === undefined ? own : Math.min(MAX_ADVICE_MS, error.retryAfterMs);
}

/**
 * Handlers are the app's: what they throw is reported and goes no further.
 * @template T
 * @param {((detail: T) => void) | undefined} handler
 * @param {T} detail
 */
function call(handler, detail) {
  try {
    handler?.(detail);
  } catch (error) {
    if (typeof reportError === 'function') reportError(error);
    else console.error(error);
  }
}

/** `crypto.randomUUID` is there in secure contexts only; `http:` on another host than localhost is none. */
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');
}

/** @param {string} text @param {number} maxBytes */
function fits(text, maxBytes) {
  return text.length * 3 <= maxBytes || new TextEncoder().encode(text).length <= maxBytes;
}

/** @param {unknown} token */
function checkedToken(token) {
  if (typeof token !== 'string' || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) {
    throw new LqError('token', 'not a JWT: three parts of base64url with dots between them');
  }
  return token;
}

/** @param {string | Date | undefined} since */
function sinceText(since) {
  return since instanceof Date ? since.toISOString() : since;
}

/** @param {string} name @param {number} value */
function positive(name, value) {
  if (!(value > 0)) throw new RangeError(`${name} must be above 0`);
  return value;
}

/** @param {number} value */
function publishTimeout(value) {
  if (!(value > 0 && value <= MAX_PUBLISH_TIMEOUT_MS)) {
    throw new RangeError(`a publish may take up to ${MAX_PUBLISH_TIMEOUT_MS} ms`);
  }
  return value;
}

function defaultUrl() {
  if (!globalThis.location?.host) throw new TypeError('give a url');
  const { protocol, host } = globalThis.location;
  return `${protocol === 'https:' ? 'wss:' : 'ws:'}//${host}/ws`;
}

/** @param {unknown} error */
function textOf(error) {
  return error instanceof Error ? error.message : String(error);
}
