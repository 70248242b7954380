/** A page of an inspector, as a program: it exchanges the token, connects, and keeps what it is told. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { columnOf, decodeFrame, type Frame, STATES } from '../../src/inspect/protocol/frames.js';
import type { InspectorMessage, PageMessage } from '../../src/inspect/protocol/messages.js';

type Message<T extends InspectorMessage['type']> = Extract<InspectorMessage, { type: T }>;

/** What the page knows of a row. */
export interface PageRow {
  task: number;
  queue: number;
  fn: number;
  dependencies: number[];
  ready: number;
  start: number;
  end: number;
  lane: number;
  attempt: number;
  state: string;
}

/** Exchanges the token of the URL; returns the origin and the cookie. */
export async function signIn(url: string): Promise<{ readonly origin: string; readonly cookie: string }> {
  const { origin, hash } = new URL(url);
  const token = hash.replace('#token=', '');
  const response = await fetch(`${origin}/session`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, Origin: origin },
  });
  const cookie = response.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
  return { origin, cookie };
}

/** What a page makes of the messages that it receives. */
export class PageModel {
  readonly rows = new Map<number, PageRow>();
  readonly messages: InspectorMessage[] = [];
  readonly ids = new Map<number, string>();
  frames = 0;

  /** One message, as it came. */
  receive(data: string | ArrayBuffer): void {
    if (typeof data === 'string') this.#message(JSON.parse(data) as InspectorMessage);
    else this.#frame(data);
  }

  last<T extends InspectorMessage['type']>(type: T): Message<T> | undefined {
    return this.messages.findLast((message): message is Message<T> => message.type === type);
  }

  /** How many tasks are in each state, by the latest row of each. */
  counts(): Record<string, number> {
    const latest = new Map<number, PageRow>();
    for (const row of this.rows.values()) {
      if (row.attempt >= (latest.get(row.task)?.attempt ?? 0)) latest.set(row.task, row);
    }
    const counts: Record<string, number> = {};
    for (const { state } of latest.values()) counts[state] = (counts[state] ?? 0) + 1;
    return counts;
  }

  #message(message: InspectorMessage): void {
    this.messages.push(message);
    if (message.type === 'ids') for (const [task, id] of message.ids) this.ids.set(task, id);
  }

  #frame(data: ArrayBuffer): void {
    const frame = decodeFrame(data);
    if (frame === undefined) throw new Error('expected a frame of this version');
    this.frames += 1;
    if (frame.kind === 'added') this.#added(frame);
    else if (frame.kind === 'moved') this.#moved(frame);
  }

  #added(frame: Frame): void {
    let edge = 0;
    for (let index = 0; index < frame.count; index += 1) {
      const at = (name: string): number => columnOf(frame, name)[index] ?? 0;
      const dependencies = [...frame.tail.subarray(edge, edge + at('edges'))];
      edge += at('edges');
      const empty = { ready: 0, start: 0, end: 0, lane: 0, attempt: 0, state: 'pending' };
      this.rows.set(at('place'), { task: at('task'), queue: at('queue'), fn: at('fn'), dependencies, ...empty });
    }
  }

  #moved(frame: Frame): void {
    for (let index = 0; index < frame.count; index += 1) {
      const at = (name: string): number => columnOf(frame, name)[index] ?? 0;
      const row = this.rows.get(at('place'));
      if (row === undefined) throw new Error(`expected row ${at('place')} to have been added`);
      Object.assign(row, { ready: at('ready'), start: at('start'), end: at('end') });
      Object.assign(row, { lane: at('lane'), attempt: at('attempt'), state: STATES[at('state')] });
    }
  }
}

/** A page that is connected. */
export class Page extends PageModel {
  readonly socket: WebSocket;
  readonly #waiting = new Set<() => void>();
  #asked = 0;

  private constructor(socket: WebSocket) {
    super();
    this.socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.on('message', (data, isBinary) => {
      this.receive(isBinary && data instanceof ArrayBuffer ? data : String(Buffer.isBuffer(data) ? data : ''));
      for (const look of this.#waiting) look();
    });
  }

  static async open(url: string, isGreeted = true): Promise<Page> {
    const { origin, cookie } = await signIn(url);
    const page = new Page(new WebSocket(`${origin.replace('http', 'ws')}/socket`, { headers: { cookie }, origin }));
    await once(page.socket, 'open');
    if (isGreeted) page.send({ type: 'hello', version: 1 });
    return page;
  }

  send(message: PageMessage): void {
    this.socket.send(JSON.stringify(message));
  }

  /** Resolves when `holds` does, looked at with each message. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!holds()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  async ask<T extends 'found' | 'vicinity' | 'answer'>(
    type: T,
    message: (ask: number) => PageMessage,
  ): Promise<Message<T>> {
    this.#asked += 1;
    const ask = this.#asked;
    this.send(message(ask));
    const answer = (): InspectorMessage | undefined =>
      this.messages.find((told) => told.type === type && 'ask' in told && told.ask === ask);
    await this.until(() => answer() !== undefined);
    return answer() as Message<T>;
  }

  async close(): Promise<void> {
    this.socket.close();
    await once(this.socket, 'close');
  }
}
