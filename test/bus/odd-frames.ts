/** Frames for a storm: valid messages, messages with an odd value somewhere, text that is no message, and bytes that are no frame. */

/** Draws from a seed. */
export class Draws {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 to less than 1: mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  of<T>(among: readonly [T, ...T[]]): T {
    return among[this.below(among.length)] ?? among[0];
  }

  bytes(most: number): Buffer {
    return Buffer.from(Array.from({ length: this.below(most) }, () => this.below(256)));
  }
}

/** An attempt of which the storm has heard. */
export interface KnownAttempt {
  readonly job: string;
  readonly attempt: number;
}

const ODD_VALUES: readonly [unknown, ...unknown[]] = [
  null,
  true,
  -1,
  0,
  -0,
  0.5,
  1e308,
  2 ** 53,
  '',
  'x'.repeat(5000),
  '\uD800',
  '\u0000\u001b[2J',
  '__proto__',
  [],
  {},
  [[[[[]]]]],
  { length: 1e9 },
  { toJSON: 1, constructor: null },
  JSON.parse('{"__proto__":{"polluted":true}}'),
];

const NAMES: readonly [string, ...string[]] = [
  'add',
  'constructor',
  '__proto__',
  'toString',
  'x'.repeat(128),
  ' ',
  '.',
];

export type Role = 'producer' | 'scheduler';

/** A frame that registers in a role, in either version of the protocol. */
export function registering(draws: Draws, role: Role): Buffer {
  return textFrame(JSON.stringify(registration(draws, role)));
}

/** A frame such as a peer in that role sends, or, as often as `oddness` says (0 to 1), an odd one. */
export function nextFrame(draws: Draws, role: Role, known: readonly KnownAttempt[], oddness: number): Buffer {
  if (draws.next() >= oddness) return textFrame(JSON.stringify(message(draws, role, known)));
  const other: Role = draws.of(['producer', 'scheduler']);
  switch (draws.below(5)) {
    case 0:
      return textFrame(JSON.stringify(withOddValue(draws, message(draws, role, known))));
    case 1:
      return textFrame(JSON.stringify(withOddValue(draws, registration(draws, other))));
    case 2:
      return textFrame(JSON.stringify(message(draws, other, known)));
    case 3:
      return textFrame(oddText(draws, JSON.stringify(message(draws, role, known))));
    default:
      return oddBytes(draws);
  }
}

function registration(draws: Draws, type: Role): object {
  if (draws.below(4) === 0) return { cmd: 'register', type };
  if (type === 'producer') return { cmd: 'register', type, version: 2 };
  const tasks = Array.from({ length: draws.below(6) }, () => draws.of(NAMES));
  const timed = draws.below(2) === 0;
  return { cmd: 'register', type, version: 2, slots: draws.below(4), backlog: draws.below(6), tasks, timed };
}

function message(draws: Draws, role: Role, known: readonly KnownAttempt[]): object {
  const { job, attempt } = known[draws.below(known.length)] ?? { job: 'none', attempt: 1 };
  const value = draws.of(ODD_VALUES);
  if (role === 'producer') {
    const payload = { priority: draws.below(11), runtime: draws.below(100) };
    const task = { task: draws.of(NAMES), args: [value], priority: draws.below(11), timeoutMs: 1 + draws.below(5) };
    return draws.of<object>([
      { cmd: 'job_request', payload },
      { cmd: 'job_request', ref: String(draws.below(5)), payload: task },
      { cmd: 'job_request', payload: task },
      { cmd: 'job_request', ref: draws.of(NAMES), payload },
      { cmd: 'cancel', job },
    ]);
  }
  const about = { job, attempt: draws.below(8) === 0 ? draws.below(4) : attempt };
  return draws.of<object>([
    { cmd: 'accept', ...about },
    { cmd: 'accept', ...about },
    { cmd: 'accept', ...about },
    { cmd: 'decline', ...about },
    { cmd: 'started', ...about },
    { cmd: 'started', ...about },
    { cmd: 'partial', ...about, index: draws.below(3), value },
    { cmd: 'done', ...about, partials: draws.below(3), value },
    { cmd: 'failed', ...about, reason: 'error', error: { name: draws.of(NAMES), message: 'x' } },
    { cmd: 'evicted', ...about, final: draws.below(2) === 0 },
    { cmd: 'capacity', slots: draws.below(4), backlog: draws.below(4) },
  ]);
}

/** The message with one of its fields, at any depth, replaced, removed or added. */
export function withOddValue(draws: Draws, whole: object): object {
  const copy = structuredClone(whole) as Record<string, unknown>;
  let at = copy;
  for (;;) {
    const keys = Object.keys(at);
    const key = keys[draws.below(keys.length)];
    const inner = key === undefined ? undefined : at[key];
    if (typeof inner === 'object' && inner !== null && draws.below(2) === 0) {
      at = inner as Record<string, unknown>;
      continue;
    }
    const way = draws.below(6);
    if (key === undefined || way === 0)
      at[draws.of(['extra', 'cmd', 'version', 'token', 'session', 'seen'])] = draws.of(ODD_VALUES);
    else if (way === 1) Reflect.deleteProperty(at, key);
    else at[key] = draws.of(ODD_VALUES);
    return copy;
  }
}

function oddText(draws: Draws, text: string): string {
  const depth = draws.below(300);
  return draws.of([
    '',
    ' ',
    'null',
    '[]',
    '"text"',
    '1e999',
    '{"cmd":"register"',
    text.slice(0, draws.below(text.length)),
    text + text,
    `${'['.repeat(depth)}${']'.repeat(depth)}`,
    `{"cmd":"job_request","cmd":"cancel","job":"x"}`,
    `{"cmd":"job_request","payload":{"task":"add","args":[${Array(draws.below(5000)).fill('{}').join()}]}}`,
  ]);
}

function oddBytes(draws: Draws): Buffer {
  const payload = draws.bytes(150);
  switch (draws.below(8)) {
    case 0:
      // Reserved bits, any opcode, masked or not.
      return Buffer.concat([Buffer.from([draws.below(256), draws.below(256)]), payload]);
    case 1:
      return frame(0x2, payload);
    case 2:
      return frame(0x9, payload);
    case 3:
      return frame(
        0x8,
        draws.of([Buffer.alloc(0), Buffer.from([3]), Buffer.from([3, 0xe8]), Buffer.from([0xff, 0xff]), payload]),
      );
    case 4:
      // Half of a message; what comes next may continue it, or not.
      return frame(0x1, payload, false);
    case 5:
      return frame(0x0, payload);
    case 6:
      // A length beyond everything, of which nothing comes.
      return Buffer.from([0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    default:
      // Invalid UTF-8.
      return frame(0x1, Buffer.from([0xc3, 0x28]));
  }
}

function textFrame(text: string): Buffer {
  return frame(0x1, Buffer.from(text));
}

/** A frame as a client sends it, masked with zeros. */
function frame(opcode: number, payload: Buffer, isLast = true): Buffer {
  const first = (isLast ? 0x80 : 0) | opcode;
  const length = payload.length;
  const head = length < 126 ? [first, 0x80 | length] : [first, 0x80 | 126, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), Buffer.alloc(4), payload]);
}
