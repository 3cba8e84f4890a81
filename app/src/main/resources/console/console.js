// @ts-check
/**
 * The console page: connect, subscribe, publish, and watch what arrives and how fast. A page to try the
 * service with, and an example of what lq.js does for an app.
 *
 * What others wrote (payloads, names, errors) reaches the document as text only, never as markup, and
 * every list is bounded. The token is kept in its field and in memory, nowhere else.
 */
import { LqClient, LqError } from './lq.js';

const MAX_ROWS = 500;
const MAX_OWN = 1_000;
const MAX_FEED = 50;
const MAX_ALERTS = 4;
const MAX_MEMBERS_SHOWN = 200;
/** Longer payloads are folded, and shown up to MAX_PAYLOAD_SHOWN when opened. */
const FOLD_PAYLOAD = 400;
const FOLDED_SHOWN = 160;
const MAX_PAYLOAD_SHOWN = 100_000;
/** A frame's cost is at most one part in so many (plus one) of the time. */
const REST_AFTER_FRAME = 4;
const MAX_REST_MS = 300;
const PRESENCE_PERIOD_MS = 5_000;
const PING_PERIOD_MS = 5_000;

/** @typedef {import('./lq.js').Message} Message */
/** @typedef {import('./lq.js').Subscription} Subscription */
/** @typedef {import('./lq.js').Closed} Closed */

// --- The document -----------------------------------------------------------------------------------

/**
 * @template {Element} [E=HTMLElement]
 * @param {string} id
 * @returns {E}
 */
function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`no element ${id}`);
  return /** @type {E} */ (/** @type {unknown} */ (element));
}

/**
 * An element; strings become text nodes.
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {...(string | Node)} children
 */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/**
 * @param {string} text
 * @param {() => void} onClick
 * @param {Record<string, string>} [attributes]
 */
function makeButton(text, onClick, attributes = {}) {
  const button = make('button', { type: 'button', ...attributes }, text);
  button.addEventListener('click', onClick);
  return button;
}

/**
 * Many calls, one run, in the next painted frame; none while the page is hidden. After a frame that
 * cost much it rests for some times as long: where messages pour in, each would otherwise wait for the
 * painting of the one before.
 * @param {() => void} run
 */
function perFrame(run) {
  let isDue = false;
  let notBefore = 0;
  const frame = () =>
    requestAnimationFrame(() => {
      const start = performance.now();
      isDue = false;
      run();
      // Layout and paint come after this callback and before the next task.
      setTimeout(() => {
        const end = performance.now();
        notBefore = end + Math.min(MAX_REST_MS, REST_AFTER_FRAME * (end - start));
      });
    });
  return () => {
    if (isDue) return;
    isDue = true;
    const wait = notBefore - performance.now();
    if (wait > 5) setTimeout(frame, wait);
    else frame();
  };
}

/**
 * @param {HTMLElement} field
 * @param {HTMLElement} problem
 * @param {string} text Empty: there is none.
 */
function showProblem(field, problem, text) {
  problem.textContent = text;
  problem.hidden = text === '';
  if (text) field.setAttribute('aria-invalid', 'true');
  else field.removeAttribute('aria-invalid');
}

const clockFormat = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

/** @param {number} time */
function clockText(time) {
  return Number.isFinite(time) ? clockFormat.format(time) : '–';
}

/** @param {number} time */
function preciseText(time) {
  return Number.isFinite(time)
    ? `${clockFormat.format(time)}.${String(Math.floor(time) % 1000).padStart(3, '0')}`
    : '–';
}

/** @param {number} ms */
function durationText(ms) {
  const size = Math.abs(ms);
  if (size < 10 && !Number.isInteger(ms)) return `${ms.toFixed(1)} ms`;
  if (size < 1_000) return `${Math.round(ms)} ms`;
  if (size < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (size < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  return size < 172_800_000 ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / 86_400_000)} days`;
}

/** @param {unknown} error */
function errorText(error) {
  return error instanceof Error ? error.message : String(error);
}

/** @param {unknown} error */
function errorCode(error) {
  return error instanceof LqError ? error.code : 'error';
}

/** Errors at the top of the page; a repeated one is counted, not stacked. */
class Alerts {
  #root = byId('alerts');

  /**
   * @param {string} title
   * @param {string} text
   * @param {'error' | 'warn'} [kind]
   */
  show(title, text, kind = 'error') {
    const key = `${kind} ${title} ${text}`;
    for (const child of /** @type {HTMLCollectionOf<HTMLElement>} */ (this.#root.children)) {
      if (child.dataset.key !== key) continue;
      child.dataset.times = String(Number(child.dataset.times) + 1);
      /** @type {HTMLElement} */ (child.querySelector('.times')).textContent =
        ` (${child.dataset.times} times)`;
      return;
    }
    const alert = make(
      'div',
      { class: `alert ${kind}`, 'data-key': key, 'data-times': '1' },
      make('p', {}, make('b', {}, title), ` ${text}`, make('span', { class: 'times' })),
      makeButton('×', () => alert.remove(), { 'aria-label': `Dismiss: ${title}` }),
    );
    this.#root.append(alert);
    while (this.#root.children.length > MAX_ALERTS) this.#root.firstElementChild?.remove();
  }

  clear() {
    this.#root.replaceChildren();
  }
}

/** A short list of what happened, newest first. */
class Feed {
  #root;

  /** @param {string} id */
  constructor(id) {
    this.#root = byId(id);
  }

  /**
   * @param {string} text
   * @param {'' | 'ok' | 'warn' | 'bad'} [tone]
   */
  add(text, tone = '') {
    this.#root.prepend(
      make('li', {}, make('time', {}, clockText(Date.now())), make('span', { class: tone }, text)),
    );
    while (this.#root.children.length > MAX_FEED) this.#root.lastElementChild?.remove();
  }

  clear() {
    this.#root.replaceChildren();
  }
}

// --- Messages -----------------------------------------------------------------------------------------

/**
 * @typedef {object} Own What this page measured about a message of its own.
 * @property {number} startedAt
 * @property {number} [ackMs] @property {number} [roundTripMs]
 * @property {() => void} [refresh] Shows it in the message's row.
 */

/** The publishes of this page, by id, as far as they can still turn up. */
class OwnPublishes {
  /** @type {Map<string, Own>} */ #byId = new Map();

  /** @param {string} id */
  started(id) {
    this.#byId.set(id, { startedAt: performance.now() });
    if (this.#byId.size > MAX_OWN) this.#byId.delete(/** @type {string} */ (this.#byId.keys().next().value));
  }

  /** @param {string} id */
  acked(id) {
    const own = this.#byId.get(id);
    if (!own) return 0;
    own.ackMs = performance.now() - own.startedAt;
    own.refresh?.();
    return own.ackMs;
  }

  /** @param {string | undefined} id */
  received(id) {
    const own = id === undefined ? undefined : this.#byId.get(id);
    if (own) own.roundTripMs ??= performance.now() - own.startedAt;
    return own;
  }
}

/** Messages a second over the last minute, and the line that draws it. */
class RateMeter {
  /** @type {number[]} */ #seconds = Array(60).fill(0);
  #current = 0;
  #total = 0;
  #line = /** @type {Element} */ (byId('spark').querySelector('polyline'));

  constructor() {
    setInterval(() => this.#tick(), 1_000);
    this.#draw();
  }

  count() {
    this.#current++;
    this.#total++;
  }

  #tick() {
    this.#seconds.shift();
    this.#seconds.push(this.#current);
    this.#current = 0;
    this.#draw();
  }

  #draw() {
    const recent = this.#seconds.slice(-3).reduce((sum, n) => sum + n, 0) / 3;
    byId('rate').textContent = recent >= 10 || recent === 0 ? String(Math.round(recent)) : recent.toFixed(1);
    byId('total').textContent = this.#total.toLocaleString();
    const top = Math.max(1, ...this.#seconds);
    const points = this.#seconds.map(
      (n, i) => `${((i * 120) / 59).toFixed(1)},${(22.5 - (21 * n) / top).toFixed(1)}`,
    );
    this.#line.setAttribute('points', points.join(' '));
  }
}

/** A line of the list. Its row is built when it is first shown: at a high rate most never are. */
class Line {
  /** @type {HTMLElement | undefined} */ #row;
  /** @type {string | undefined} */ #words;
  #build;
  #text;

  /**
   * @param {() => HTMLElement} build
   * @param {() => string} text What a filter searches.
   * @param {number} [latencyMs] Of a message that came live.
   */
  constructor(build, text, latencyMs) {
    this.#build = build;
    this.#text = text;
    this.latencyMs = latencyMs;
  }

  get row() {
    return (this.#row ??= this.#build());
  }

  /** @param {string} words In lower case; empty: everything matches. */
  matches(words) {
    if (words === '') return true;
    this.#words ??= this.#text().toLowerCase();
    return this.#words.includes(words);
  }
}

/**
 * The last messages, newest first. They are painted once a frame; while paused they wait, within the
 * same bound.
 */
class MessageList {
  #rows = byId('rows');
  #note = byId('list-note');
  #filter = /** @type {HTMLInputElement} */ (byId('filter'));
  #pause = byId('pause');
  #rate = new RateMeter();
  #own;
  #onPosition;
  /** Not painted yet, oldest first. @type {Line[]} */ #waiting = [];
  /** Painted, oldest first. @type {Line[]} */ #shown = [];
  #isPaused = false;
  /** What arrived during the pause. */ #held = 0;
  #paint = perFrame(() => this.#paintNow());

  /**
   * @param {OwnPublishes} own
   * @param {(channel: string, position: string) => void} onPosition
   */
  constructor(own, onPosition) {
    this.#own = own;
    this.#onPosition = onPosition;
    this.#filter.addEventListener('input', this.#paint);
    this.#pause.addEventListener('click', () => this.#setPaused(!this.#isPaused));
    byId('clear').addEventListener('click', () => this.#clear());
  }

  /**
   * @param {Message} message
   * @param {boolean} isLive
   */
  add(message, isLive) {
    this.#rate.count();
    const now = Date.now();
    const own = this.#own.received(message.id);
    const latencyMs = isLive && Number.isFinite(message.time) ? now - message.time : undefined;
    const { channel, from, position } = message;
    const text = () => [channel, from, position, message.raw.slice(0, MAX_PAYLOAD_SHOWN)].join('\n');
    this.#push(new Line(() => this.#row(message, now, latencyMs, own), text, latencyMs));
  }

  /**
   * A line between the messages.
   * @param {string} text
   * @param {boolean} [isLoss]
   */
  mark(text, isLoss = false) {
    const line = `${clockText(Date.now())}  ${text}`;
    const build = () =>
      make(
        'tr',
        { class: isLoss ? 'mark lost' : 'mark', role: 'row' },
        make('td', { colspan: '4', role: 'cell' }, line),
      );
    this.#push(new Line(build, () => text));
  }

  /** @param {Line} line */
  #push(line) {
    this.#waiting.push(line);
    if (this.#waiting.length > MAX_ROWS) this.#waiting.shift();
    if (this.#isPaused) this.#held++;
    this.#paint();
  }

  /**
   * @param {Message} message
   * @param {number} now
   * @param {number | undefined} latencyMs
   * @param {Own | undefined} own
   */
  #row(message, now, latencyMs, own) {
    const cell = (/** @type {string} */ name, /** @type {(string | Node)[]} */ ...children) =>
      make('td', { class: name, role: 'cell' }, ...children);
    const latency = cell('latency');
    const showLatency = () => {
      latency.replaceChildren(
        latencyMs === undefined
          ? make(
              'span',
              {
                class: 'chip',
                title: `Replayed, ${durationText(now - message.time)} after it was published`,
              },
              'replayed',
            )
          : make(
              'span',
              { title: 'This machine’s clock minus the log’s time of the message' },
              durationText(latencyMs),
            ),
      );
      if (own?.roundTripMs !== undefined && latencyMs !== undefined) {
        latency.append(
          make(
            'small',
            { title: 'From publish to this message' },
            `round trip ${durationText(own.roundTripMs)}`,
          ),
        );
      }
      if (own?.ackMs !== undefined) {
        latency.append(make('small', { title: 'From publish to its ack' }, `ack ${durationText(own.ackMs)}`));
      }
    };
    showLatency();
    if (own) own.refresh = showLatency;
    const position = makeButton(message.position, () => this.#onPosition(message.channel, message.position), {
      title: `${message.position}\nSubscribe from here`,
    });
    const time = make('time', {}, preciseText(message.time));
    if (Number.isFinite(message.time)) time.title = new Date(message.time).toString();
    const box = (/** @type {string} */ name, /** @type {(string | Node)[]} */ ...children) =>
      make('div', { class: name }, ...children);
    return make(
      'tr',
      { role: 'row', class: own ? 'own' : '', 'data-position': message.position },
      cell('time', time),
      cell('who', box('channel mono', message.channel), box('from', message.from ?? '–')),
      cell('what', box('payload', payloadView(message.raw)), box('position', position)),
      latency,
    );
  }

  /** @param {boolean} isPaused */
  #setPaused(isPaused) {
    this.#isPaused = isPaused;
    this.#held = 0;
    this.#pause.setAttribute('aria-pressed', String(isPaused));
    this.#pause.textContent = isPaused ? 'Resume' : 'Pause';
    this.#paint();
  }

  #clear() {
    this.#waiting = [];
    this.#shown = [];
    this.#held = 0;
    this.#paint();
  }

  #paintNow() {
    if (!this.#isPaused) {
      this.#shown = [...this.#shown, ...this.#waiting].slice(-MAX_ROWS);
      this.#rows.prepend(...this.#waiting.map(({ row }) => row).reverse());
      this.#waiting = [];
    }
    while (this.#rows.children.length > this.#shown.length) this.#rows.lastElementChild?.remove();
    const words = this.#filter.value.trim().toLowerCase();
    let matching = 0;
    for (const line of this.#shown) {
      line.row.hidden = !line.matches(words);
      if (!line.row.hidden) matching++;
    }
    byId('empty').hidden = this.#shown.length > 0;
    const latencies = this.#shown
      .flatMap(({ latencyMs }) => (latencyMs === undefined ? [] : [latencyMs]))
      .sort((a, b) => a - b);
    const median = latencies[Math.floor(latencies.length / 2)];
    byId('median').textContent = median === undefined ? '–' : durationText(median);
    const notes = [];
    if (this.#isPaused)
      notes.push(
        `Paused; ${this.#held.toLocaleString()} new${this.#held > MAX_ROWS ? `, of which the last ${MAX_ROWS} are kept` : ''}.`,
      );
    if (words) notes.push(`${matching} of ${this.#shown.length} match the filter.`);
    this.#note.textContent = notes.join(' ');
    this.#note.hidden = notes.length === 0;
  }
}

/** @param {string} raw */
function payloadView(raw) {
  if (raw.length <= FOLD_PAYLOAD) return make('pre', {}, raw);
  const details = /** @type {HTMLDetailsElement} */ (
    make(
      'details',
      {},
      make('summary', {}, `${raw.slice(0, FOLDED_SHOWN)}… (${raw.length.toLocaleString()} characters)`),
    )
  );
  details.addEventListener(
    'toggle',
    () => {
      const rest = raw.length - MAX_PAYLOAD_SHOWN;
      const end = rest > 0 ? `\n… ${rest.toLocaleString()} more characters` : '';
      details.append(make('pre', { class: 'whole' }, raw.slice(0, MAX_PAYLOAD_SHOWN) + end));
    },
    { once: true },
  );
  return details;
}

// --- Presence -------------------------------------------------------------------------------------------

/** Who is in one of the subscribed channels. */
class PresencePanel {
  #select = /** @type {HTMLSelectElement} */ (byId('presence-channel'));
  #refreshButton = /** @type {HTMLButtonElement} */ (byId('presence-refresh'));
  #auto = /** @type {HTMLInputElement} */ (byId('presence-auto'));
  #counts = byId('presence-counts');
  #members = byId('members');
  #feed = new Feed('presence-events');
  #client;
  /** Answers that come late are for another question. */ #turn = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #soon;

  /** @param {() => LqClient | undefined} client */
  constructor(client) {
    this.#client = client;
    byId('presence-form').addEventListener('submit', (event) => {
      event.preventDefault();
      void this.refresh();
    });
    this.#select.addEventListener('change', () => {
      this.#feed.clear();
      void this.refresh();
    });
    setInterval(() => {
      if (this.#auto.checked && !document.hidden) void this.refresh();
    }, PRESENCE_PERIOD_MS);
  }

  /** @param {string[]} channels */
  setChannels(channels) {
    const chosen = this.#select.value;
    this.#select.replaceChildren(...channels.map((channel) => make('option', { value: channel }, channel)));
    if (channels.includes(chosen)) this.#select.value = chosen;
    this.#select.disabled = this.#refreshButton.disabled = channels.length === 0;
    if (this.#select.value !== chosen) this.#feed.clear();
    void this.refresh();
  }

  /**
   * @param {'joined' | 'left'} what
   * @param {import('./lq.js').Presence} presence
   */
  changed(what, presence) {
    if (presence.channel !== this.#select.value) return;
    if (presence.user !== undefined)
      this.#feed.add(`${presence.user} ${what}`, what === 'joined' ? 'ok' : '');
    else this.#showCounts(presence.connections ?? 0, presence.users ?? 0);
    // Several often come at once, and a subscription is counted a moment after it is made.
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      void this.refresh();
    }, 250);
  }

  async refresh() {
    const client = this.#client();
    const channel = this.#select.value;
    const turn = ++this.#turn;
    if (!channel || client?.state !== 'open') {
      this.#counts.textContent = channel
        ? 'Not known without a connection.'
        : 'Subscribe to a channel to see who is there.';
      this.#members.replaceChildren();
      return;
    }
    try {
      const presence = await client.presence(channel);
      if (turn !== this.#turn) return;
      this.#showCounts(presence.connections, presence.users);
      const own = client.welcome?.connection;
      const shown = presence.members.slice(0, MAX_MEMBERS_SHOWN);
      this.#members.replaceChildren(
        ...shown.map((member) => this.#member(member, member.connection === own)),
      );
      if (shown.length < presence.connections) {
        this.#members.append(
          make('li', { class: 'hint' }, `and ${(presence.connections - shown.length).toLocaleString()} more`),
        );
      }
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#counts.textContent = `Not known: ${errorText(error)} (${errorCode(error)})`;
      this.#members.replaceChildren();
    }
  }

  /**
   * @param {number} connections
   * @param {number} users
   */
  #showCounts(connections, users) {
    const of = (/** @type {number} */ n, /** @type {string} */ noun) =>
      `${n.toLocaleString()} ${noun}${n === 1 ? '' : 's'}`;
    this.#counts.textContent = `${of(users, 'user')}, ${of(connections, 'connection')}`;
  }

  /**
   * @param {{user: string, connection: string, since: number | string}} member
   * @param {boolean} isOwn
   */
  #member({ user, connection, since }, isOwn) {
    const item = make('li', { class: 'member' }, make('b', {}, user));
    if (isOwn) item.append(make('span', { class: 'chip' }, 'you'));
    item.append(make('span', { class: 'mono', title: `connection ${connection}` }, connection));
    item.title = `since ${new Date(since).toLocaleString()}`;
    return item;
  }
}

// --- Subscriptions --------------------------------------------------------------------------------------

/** One line of the list of subscriptions. */
class SubscriptionItem {
  count = 0;
  hasGap = false;
  /** @type {Subscription | undefined} */ subscription;
  #chip = make('span', { class: 'chip' });
  #position = make('span', { class: 'mono' });
  #count = make('span', { class: 'count' });
  refresh = perFrame(() => this.#refreshNow());

  /**
   * @param {string} channel
   * @param {boolean} presence
   * @param {() => void} onRemove
   */
  constructor(channel, presence, onRemove) {
    this.channel = channel;
    this.presence = presence;
    this.root = make(
      'li',
      { 'data-channel': channel },
      make('span', { class: 'name' }, make('span', { class: 'mono', title: channel }, channel), this.#chip),
      makeButton('Leave', onRemove, { class: 'small', 'aria-label': `Unsubscribe from ${channel}` }),
      make('span', { class: 'at' }, this.#count, this.#position),
    );
  }

  #refreshNow() {
    const state = this.subscription?.state ?? 'pending';
    this.#chip.textContent = state === 'catching-up' ? 'catching up' : state;
    this.#chip.dataset.state = state;
    this.#count.textContent = `${this.count.toLocaleString()} message${this.count === 1 ? '' : 's'}${this.hasGap ? ', with a gap' : ''}`;
    const position = this.subscription?.position;
    this.#position.textContent = position ? `at ${position}` : '';
    this.#position.title = position ?? '';
  }
}

/** The form, and the channels followed. */
class Subscriptions {
  #channel = /** @type {HTMLInputElement} */ (byId('subscribe-channel'));
  #since = /** @type {HTMLSelectElement} */ (byId('since'));
  #sinceCustom = /** @type {HTMLInputElement} */ (byId('since-custom'));
  #presence = /** @type {HTMLInputElement} */ (byId('subscribe-presence'));
  #problem = byId('subscribe-error');
  #list = byId('subscriptions');
  /** @type {Map<string, SubscriptionItem>} */ #items = new Map();
  #client;
  #messages;
  #panel;
  #alerts;

  /**
   * @param {() => LqClient | undefined} client
   * @param {MessageList} messages
   * @param {PresencePanel} panel
   * @param {Alerts} alerts
   */
  constructor(client, messages, panel, alerts) {
    this.#client = client;
    this.#messages = messages;
    this.#panel = panel;
    this.#alerts = alerts;
    this.#since.addEventListener('change', () => this.#showCustom());
    byId('subscribe-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  /**
   * Fills the form in, for the visitor to go on.
   * @param {string} channel
   * @param {string} position
   */
  offer(channel, position) {
    this.#channel.value = channel;
    this.#since.value = 'custom';
    this.#sinceCustom.value = position;
    this.#showCustom();
    byId('subscribe').focus();
  }

  /** Another client has come: it knows nothing of the former one's subscriptions. */
  moveToNewClient() {
    for (const item of this.#items.values()) this.#subscribe(item, undefined);
  }

  refresh() {
    for (const item of this.#items.values()) item.refresh();
    void this.#panel.refresh();
  }

  #showCustom() {
    byId('since-custom-field').hidden = this.#since.value !== 'custom';
  }

  /** @returns {string | undefined} */
  #chosenSince() {
    const chosen = this.#since.value;
    if (chosen === 'custom') return this.#sinceCustom.value.trim() || undefined;
    if (chosen.startsWith('-')) return new Date(Date.now() + Number(chosen) * 1_000).toISOString();
    return chosen || undefined;
  }

  #submit() {
    const channel = this.#channel.value.trim();
    const isName = /^[A-Za-z0-9_\-.:=@,#/]{1,200}$/.test(channel);
    showProblem(
      this.#channel,
      this.#problem,
      isName ? '' : 'A channel’s name is 1 to 200 characters out of A-Z a-z 0-9 _ - . : = @ , # /',
    );
    if (!isName) {
      this.#channel.focus();
      return;
    }
    this.#items.get(channel)?.root.remove();
    const item = new SubscriptionItem(channel, this.#presence.checked, () => this.#leave(item));
    this.#items.set(channel, item);
    this.#list.prepend(item.root);
    this.#subscribe(item, this.#chosenSince());
    this.#channelsChanged();
  }

  /**
   * @param {SubscriptionItem} item
   * @param {string | undefined} since
   */
  #subscribe(item, since) {
    const { channel, presence } = item;
    item.subscription = this.#client()?.subscribe(channel, {
      since,
      presence,
      onMessage: (message) => {
        item.count++;
        item.refresh();
        this.#messages.add(message, item.subscription?.state === 'live');
      },
      onSubscribed: ({ recovered, resumed }) => {
        item.refresh();
        if (resumed && recovered) this.#messages.mark(`${channel}: resumed where it was`);
        void this.#panel.refresh();
      },
      onLive: () => item.refresh(),
      onLost: ({ position, oldest }) => {
        item.hasGap = true;
        item.refresh();
        const kept = oldest ? ` The earliest retained is ${oldest}.` : '';
        this.#messages.mark(`${channel}: a gap before ${position}.${kept}`, true);
        this.#alerts.show(
          `Gap in ${channel}`,
          `Some of what was published before ${position} is missing: it could not be replayed.${kept}`,
          'warn',
        );
      },
      onJoin: (info) => this.#panel.changed('joined', info),
      onLeave: (info) => this.#panel.changed('left', info),
      onError: (error, willRetry) => {
        this.#alerts.show(
          `Subscribing to ${channel}: ${error.code}`,
          willRetry ? `${error.message} (trying again)` : error.message,
        );
        if (willRetry) item.refresh();
        else this.#drop(item);
      },
      onEnded: ({ reason }) => {
        this.#alerts.show(`Unsubscribed from ${channel}`, reason ?? 'by the server', 'warn');
        this.#drop(item);
      },
    });
    item.refresh();
  }

  /** @param {SubscriptionItem} item */
  #leave(item) {
    item.subscription
      ?.unsubscribe()
      .catch((error) => this.#alerts.show(`Unsubscribing from ${item.channel}`, errorText(error)));
    this.#drop(item);
    this.#channel.focus();
  }

  /** @param {SubscriptionItem} item */
  #drop(item) {
    item.root.remove();
    if (this.#items.get(item.channel) === item) this.#items.delete(item.channel);
    this.#channelsChanged();
  }

  #channelsChanged() {
    const channels = [...this.#items.keys()];
    byId('channels').replaceChildren(...channels.map((channel) => make('option', { value: channel })));
    this.#panel.setChannels(channels);
  }
}

// --- Publishing -----------------------------------------------------------------------------------------

class PublishForm {
  #channel = /** @type {HTMLInputElement} */ (byId('publish-channel'));
  #payload = /** @type {HTMLTextAreaElement} */ (byId('payload'));
  #problem = byId('payload-error');
  #result = byId('publish-result');
  #client;
  #own;
  #alerts;

  /**
   * @param {() => LqClient | undefined} client
   * @param {OwnPublishes} own
   * @param {Alerts} alerts
   */
  constructor(client, own, alerts) {
    this.#client = client;
    this.#own = own;
    this.#alerts = alerts;
    byId('publish-form').addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#submit();
    });
    this.#payload.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      void this.#submit();
    });
    this.#payload.addEventListener('input', () => {
      if (!this.#problem.hidden) this.#check();
    });
  }

  /** @returns {boolean} whether the payload is JSON */
  #check() {
    let problem = '';
    try {
      JSON.parse(this.#payload.value);
    } catch (error) {
      problem = this.#payload.value.trim()
        ? `Not JSON: ${errorText(error)}`
        : 'A payload is any JSON value; there is none.';
    }
    showProblem(this.#payload, this.#problem, problem);
    return problem === '';
  }

  async #submit() {
    const client = this.#client();
    const channel = this.#channel.value.trim();
    if (!this.#check()) {
      this.#result.textContent = 'Nothing was sent.';
      this.#payload.focus();
      return;
    }
    if (!client || client.state === 'closed') {
      this.#result.textContent = 'Not connected: nothing was sent.';
      return;
    }
    const id = Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) =>
      b.toString(16).padStart(2, '0'),
    ).join('');
    this.#own.started(id);
    const published = client.publishRaw(channel, this.#payload.value, { id });
    this.#result.textContent =
      client.state === 'open' ? 'Sent; waiting for the ack.' : 'Waits for the connection.';
    try {
      const position = await published;
      this.#result.textContent = `Durable at ${position}, acked in ${durationText(this.#own.acked(id))}.`;
    } catch (error) {
      this.#result.textContent = '';
      this.#alerts.show(`Publishing to ${channel}: ${errorCode(error)}`, errorText(error));
    }
  }
}

// --- Connection -----------------------------------------------------------------------------------------

/** The server's offer of a token to try, if it makes one. @returns {Promise<string | undefined>} */
async function developmentToken() {
  try {
    const response = await fetch('/dev/token', { cache: 'no-store', credentials: 'omit' });
    if (response.status !== 200) return undefined;
    const { token } = await response.json();
    return typeof token === 'string' ? token : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A browser does not tell why a WebSocket was refused. Where the server is this page's own, asking the
 * same address over HTTP does.
 * @param {string} url
 * @param {string} token
 * @returns {Promise<string | undefined>} the reason for which it refuses the token, if that is it
 */
async function refusal(url, token) {
  try {
    const address = new URL(url.replace(/^ws/, 'http'));
    if (address.origin !== location.origin) return undefined;
    const headers = { Authorization: `Bearer ${token}` };
    const response = await fetch(address, { headers, cache: 'no-store', credentials: 'omit' });
    if (response.status !== 401 && response.status !== 403) return undefined;
    const body = await response.json().catch(() => ({}));
    return String(body.message ?? `HTTP ${response.status}`);
  } catch {
    return undefined;
  }
}

/**
 * What a token claims, for showing; only the server verifies it.
 * @param {string} token
 * @returns {{tenant?: string, sub?: string, exp?: number}}
 */
function claimsOf(token) {
  try {
    const part = token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/');
    const claims = JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(part), (c) => c.charCodeAt(0))));
    return typeof claims === 'object' && claims !== null ? claims : {};
  } catch {
    return {};
  }
}

class Connection {
  /** @type {LqClient | undefined} */ client;
  /** Called when there is another client. */ onNewClient = () => {};
  onStateChange = () => {};
  #alerts;
  #events = new Feed('events');
  #token = /** @type {HTMLInputElement} */ (byId('token'));
  #url = /** @type {HTMLInputElement} */ (byId('url'));
  #hint = byId('token-hint');
  #plainHint = [...byId('token-hint').childNodes];
  /** For whom and where the client is. */ #identity = '';
  /** The last token that `/dev/token` gave. @type {string | undefined} */ #offered;
  /** It was asked for another one since the last connection. */ #isRenewed = false;
  /** @type {ReturnType<typeof setInterval> | undefined} */ #countdown;

  /** @param {Alerts} alerts */
  constructor(alerts) {
    this.#alerts = alerts;
    this.#url.value = `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/ws`;
    byId('connect-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#connect();
    });
    byId('disconnect').addEventListener('click', () => this.client?.close());
    byId('retry').addEventListener('click', () => this.client?.connect());
    byId('dev-token').addEventListener('click', () => void this.#offer(true));
    byId('show-token').addEventListener('click', () => this.#toggleToken());
    this.#token.addEventListener('input', () => this.#showClaims());
    addEventListener('hashchange', () => this.#takeFragment());
    setInterval(() => void this.#measure(), PING_PERIOD_MS);
    void this.#offer(!this.#takeFragment());
  }

  /** A token in the fragment never left the browser; it goes out of the address bar too. */
  #takeFragment() {
    const token = new URLSearchParams(location.hash.slice(1)).get('token');
    if (!token) return false;
    history.replaceState(null, '', location.pathname + location.search);
    this.#setToken(token);
    return true;
  }

  /** @param {boolean} use */
  async #offer(use) {
    const token = await developmentToken();
    byId('dev-token').hidden = token === undefined;
    if (token === undefined) return;
    this.#offered = token;
    if (use) this.#setToken(token);
  }

  /** @param {string} token */
  #setToken(token) {
    this.#token.value = token;
    this.#showClaims();
  }

  #toggleToken() {
    const isShown = this.#token.type === 'text';
    this.#token.type = isShown ? 'password' : 'text';
    byId('show-token').setAttribute('aria-pressed', String(!isShown));
    byId('show-token').textContent = isShown ? 'Show' : 'Hide';
  }

  #showClaims() {
    this.#token.removeAttribute('aria-invalid');
    const { tenant, sub, exp } = claimsOf(this.#token.value.trim());
    if (tenant === undefined || sub === undefined) {
      this.#hint.replaceChildren(...this.#plainHint);
      return;
    }
    const left = Number(exp) * 1_000 - Date.now();
    const expiry = Number.isFinite(left)
      ? `, ${left > 0 ? `expires in ${durationText(left)}` : 'expired'}`
      : '';
    this.#hint.replaceChildren(
      make('b', {}, String(sub)),
      ' of tenant ',
      make('b', {}, String(tenant)),
      expiry,
    );
  }

  #connect() {
    const token = this.#token.value.trim();
    const url = this.#url.value.trim();
    const { tenant, sub } = claimsOf(token);
    const identity = JSON.stringify([url, tenant, sub]);
    this.#alerts.clear();
    try {
      if (this.client && identity === this.#identity) {
        this.client.connect(token);
        return;
      }
      const client = new LqClient({ url, getToken: () => this.#nextToken() });
      this.client?.close();
      this.client = client;
      this.#identity = identity;
      this.#listenTo(client);
      this.onNewClient();
    } catch (error) {
      this.#token.setAttribute('aria-invalid', 'true');
      this.#token.focus();
      this.#alerts.show('Cannot connect:', errorText(error));
    }
  }

  /** The client asks when it needs another one: an offered token can be replaced, a typed one cannot. */
  async #nextToken() {
    const token = this.#token.value.trim();
    const { exp } = claimsOf(token);
    if (token === this.#offered && Number(exp) * 1_000 < Date.now() + 5_000) await this.#offer(true);
    return this.#token.value.trim();
  }

  /** @param {LqClient} client */
  #listenTo(client) {
    /** @type {<D>(handle: (detail: D) => void) => (detail: D) => void} */
    const whileCurrent = (handle) => (detail) => {
      if (client === this.client) handle(detail);
    };
    client.on(
      'state',
      whileCurrent(() => this.#showState()),
    );
    client.on(
      'open',
      whileCurrent((welcome) => {
        this.#isRenewed = false;
        this.#events.add(`Connected to ${welcome.gateway} as ${welcome.connection}`, 'ok');
        for (const name of /** @type {const} */ (['user', 'tenant', 'gateway', 'region'])) {
          byId(`fact-${name}`).textContent = byId(`fact-${name}`).title = String(welcome[name]);
        }
        void this.#measure();
      }),
    );
    client.on(
      'close',
      whileCurrent((closed) => this.#closed(client, closed)),
    );
    client.on(
      'reconnecting',
      whileCurrent(({ delayMs, attempt }) => {
        this.#events.add(`Attempt ${attempt} in ${durationText(Math.round(delayMs))}`);
        this.#countDown(delayMs);
      }),
    );
    client.on(
      'advice',
      whileCurrent(({ reason, afterMs }) =>
        this.#events.add(`Asked to come back in ${durationText(afterMs)}: ${reason}`, 'warn'),
      ),
    );
    client.on(
      'error',
      whileCurrent((error) => this.#failed(client, error)),
    );
    this.#showState();
  }

  /**
   * @param {LqClient} client
   * @param {LqError} error
   */
  #failed(client, error) {
    this.#alerts.show(`Error: ${error.code}`, error.message);
    if (error.code !== 'token') return;
    // What is in the field does not change by waiting.
    client.close();
    this.#token.setAttribute('aria-invalid', 'true');
  }

  /**
   * @param {LqClient} client
   * @param {Closed} closed
   */
  #closed(client, closed) {
    const { code, reason, meaning, wasOpen, willReconnect } = closed;
    const by = `(${code}${reason ? `: ${reason}` : ''})`;
    if (code === 1000 && !willReconnect) this.#events.add('Disconnected');
    else
      this.#events.add(`${wasOpen ? 'Closed' : 'Failed'}: ${meaning} ${by}`, willReconnect ? 'warn' : 'bad');
    const isTyped = this.#token.value.trim() !== this.#offered;
    if (!willReconnect && code !== 1000) this.#stop(`Stopped: ${meaning}`, by);
    else if (code === 4401 && isTyped) {
      client.close();
      this.#stop(
        'The token has expired.',
        'Connect with another one; the subscriptions then go on from where they were.',
      );
    } else if (!wasOpen && willReconnect) void this.#explain(client);
  }

  /** @param {LqClient} client */
  async #explain(client) {
    const token = this.#token.value.trim();
    const reason = await refusal(this.#url.value.trim(), token);
    const isStale = () => client !== this.client || client.state === 'open' || client.state === 'closed';
    if (reason === undefined || isStale()) return;
    if (token === this.#offered && !this.#isRenewed) {
      // A development server that was started anew has another key; its next offer fits.
      this.#isRenewed = true;
      await this.#offer(true);
      if (this.#offered !== token || isStale()) return;
    }
    client.close();
    this.#token.setAttribute('aria-invalid', 'true');
    this.#stop('The server refuses the token:', reason);
  }

  /**
   * @param {string} title
   * @param {string} text
   */
  #stop(title, text) {
    this.#alerts.show(title, text.trim());
    byId('state').textContent = 'Stopped';
    byId('state').dataset.state = 'failed';
  }

  #showState() {
    const state = this.client?.state ?? 'closed';
    clearInterval(this.#countdown);
    const words = {
      closed: 'Not connected',
      connecting: 'Connecting…',
      open: 'Connected',
      waiting: 'Reconnecting…',
    };
    byId('state').textContent = words[state];
    byId('state').dataset.state = state;
    byId('facts').hidden = state !== 'open';
    byId('retry').hidden = state !== 'waiting';
    byId('connect').hidden = state !== 'closed';
    byId('disconnect').hidden = state === 'closed';
    for (const id of ['subscribe', 'publish'])
      /** @type {HTMLButtonElement} */ (byId(id)).disabled = state === 'closed';
    if (state !== 'open') byId('fact-ping').textContent = '–';
    this.onStateChange();
  }

  /** @param {number} delayMs */
  #countDown(delayMs) {
    const end = performance.now() + delayMs;
    const show = () => {
      const left = Math.max(0, end - performance.now());
      byId('state').textContent =
        left < 1_000 ? 'Reconnecting…' : `Reconnecting in ${Math.round(left / 1_000)} s`;
    };
    clearInterval(this.#countdown);
    show();
    this.#countdown = setInterval(show, 250);
  }

  async #measure() {
    if (this.client?.state !== 'open' || document.hidden) return;
    try {
      byId('fact-ping').textContent = durationText(await this.client.ping());
    } catch {
      byId('fact-ping').textContent = '–';
    }
  }
}

// --- The page -------------------------------------------------------------------------------------------

const alerts = new Alerts();
const own = new OwnPublishes();
const connection = new Connection(alerts);
const client = () => connection.client;
const presence = new PresencePanel(client);
const messages = new MessageList(own, (channel, position) => subscriptions.offer(channel, position));
const subscriptions = new Subscriptions(client, messages, presence, alerts);
new PublishForm(client, own, alerts);
connection.onNewClient = () => subscriptions.moveToNewClient();
connection.onStateChange = () => subscriptions.refresh();
void presence.refresh();
