/** A peer of the bus as a client of any make would be: a socket, the frames it gets, and how it ends. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect } from 'vitest';
import { WebSocket } from 'ws';
import type { Bus } from '../../src/bus/index.js';
import { atEnd } from './bus-kit.js';

type Frame = Record<string, unknown>;

/** What every frame and end is waited for; far above what anything takes. */
const PATIENCE_MS = 500_000;

export class WirePeer {
  readonly socket: WebSocket;
  readonly frames: Frame[] = [];
  /** Resolves with the code and the reason of the close. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  #wake = (): void => undefined;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => {
      this.frames.push(JSON.parse(data.toString()) as Frame);
      this.#wake();
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        this.#wake();
      });
    });
  }

  /** Connects, and sends the message given. */
  static async open(url: string, first?: object, headers: Record<string, string> = {}): Promise<WirePeer> {
    const peer = new WirePeer(new WebSocket(url, { headers }));
    await once(peer.socket, 'open');
    if (first !== undefined) peer.send(first);
    return peer;
  }

  /** Connects as a scheduler of version 2 and waits until the bus has taken it. */
  static async scheduler(url: string, terms: object): Promise<WirePeer> {
    const peer = await WirePeer.open(url, { cmd: 'register', type: 'scheduler', version: 2, ...terms });
    await peer.next({ cmd: 'registered' });
    return peer;
  }

  /** Connects as a producer of version 2 and waits until the bus has taken it. */
  static async producer(url: string, terms: object = {}): Promise<WirePeer> {
    const peer = await WirePeer.open(url, { cmd: 'register', type: 'producer', version: 2, ...terms });
    await peer.next({ cmd: 'registered' });
    await peer.next({ cmd: 'synced' });
    return peer;
  }

  send(message: object | string): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The first frame, taken out of `frames`, that has these fields. */
  async next(wanted: Frame): Promise<Frame> {
    const deadline = AbortSignal.timeout(PATIENCE_MS);
    for (;;) {
      const place = this.frames.findIndex((frame) =>
        Object.entries(wanted).every(([key, value]) => frame[key] === value),
      );
      const [found] = place === -1 ? [] : this.frames.splice(place, 1);
      if (found !== undefined) return found;
      if (this.socket.readyState === WebSocket.CLOSED || deadline.aborted) {
        throw new Error(`no frame ${JSON.stringify(wanted)} among ${JSON.stringify(this.frames)}`);
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        deadline.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }
}

/** Resolves when `holds` says so; asks again after every turn of the event loop. */
export async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`waited in vain until ${holds.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** A job to be asked for, with the asker's own name for it. */
export const request = (ref: string, payload: object = { task: 'add', args: [] }) => ({
  cmd: 'job_request',
  ref,
  payload,
});

/** A socket on which the handshake is over; what is written to it are the bytes of frames. */
export async function rawSocket({ url }: Bus): Promise<Socket> {
  const { port } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  atEnd(() => socket.destroy());
  socket.on('error', () => undefined);
  socket.write(
    'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  );
  const [head] = (await once(socket, 'data')) as [Buffer];
  expect(head.toString()).toContain('101');
  return socket;
}

/** A text frame as a client sends it, masked with zeros. */
export function frameOf(message: object): Buffer {
  const text = Buffer.from(JSON.stringify(message));
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length);
  return Buffer.concat([Buffer.from([0x81, 0x80 | 126]), length, Buffer.alloc(4), text]);
}

/** The same, registered as a scheduler; what it reads and writes from then on is up to the test. */
export async function rawScheduler(
  bus: Bus,
  slots: number,
  prepare: (raw: Socket) => void = () => {},
): Promise<Socket> {
  const raw = await rawSocket(bus);
  prepare(raw);
  raw.write(frameOf({ cmd: 'register', type: 'scheduler', version: 2, slots, tasks: ['add'], token: 'x'.repeat(200) }));
  await until(() => bus.counts.schedulers === 1);
  return raw;
}
