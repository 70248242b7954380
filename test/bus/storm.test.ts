/** Storms of odd frames on one bus: it neither crashes nor stalls, and the work of others goes on. */
import * as fc from 'fast-check';
import { connect, type Socket } from 'node:net';
import { expect } from 'vitest';
import type { Bus } from '../../src/bus/index.js';
import { scaledRuns } from '../support/property-runs.js';
import { cleanUp, newBus, newProducer, newScheduler } from './bus-kit.js';
import { Draws, type KnownAttempt, nextFrame, registering, type Role } from './odd-frames.js';
import { until } from './wire.js';
import { property } from '../support/property.js';

const FRAMES = 500;
const PEERS = 10;

property([fc.integer()], { numRuns: scaledRuns(6) })(
  'in any storm of odd frames the bus goes on, and what others ask for is done',
  async (seed) => {
    const draws = new Draws(seed);
    const broadcast = draws.below(4) === 0;
    const bus = await newBus({ patienceMs: 60_000, broadcast, maxJobs: 2 * FRAMES, maxFeedback: 10, messageBurst: 50 });
    const worker = newScheduler(bus.url, { honest: (n: number) => n + 1 }, { timed: false });
    const producer = newProducer(bus.url);
    await Promise.all([worker.ready(), producer.ready()]);
    const storm = new Storm(bus, draws);
    for (let n = 0; n < FRAMES; n += 1) {
      storm.step();
      if (n % 10 === 0) await new Promise(setImmediate);
      if (n % 100 === 0) expect(await producer.request({ task: 'honest', args: [n] }).result()).toBe(n + 1);
    }
    storm.end();
    await until(() => bus.counts.peers === 2);
    expect(bus.counts.schedulers).toBe(1);
    expect(await producer.request({ task: 'honest', args: [0], priority: 10 }).result()).toBe(1);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    await cleanUp();
    expect(bus.counts).toMatchObject({ peers: 0, sessions: 0, jobs: 0, bytes: 0, schedulers: 0 });
  },
);

/** Some sockets that send odd frames, and come and go. What the bus says tells them of which attempts to lie. */
class Storm {
  readonly #port: number;
  readonly #draws: Draws;
  readonly #oddness: number;
  readonly #peers: StormPeer[] = [];

  constructor({ url }: Bus, draws: Draws) {
    this.#port = Number(new URL(url).port);
    this.#draws = draws;
    this.#oddness = draws.of([0.02, 0.1, 0.5]);
  }

  step(): void {
    const place = this.#draws.below(PEERS);
    const peer = this.#peers[place];
    if (peer === undefined || peer.socket.destroyed || this.#draws.below(60) === 0) {
      peer?.socket.destroy();
      this.#peers[place] = this.#open();
    } else {
      const { socket, role, known } = peer;
      const bytes = nextFrame(this.#draws, role, known, this.#oddness);
      // Sometimes in pieces, sometimes without the end.
      const cut = this.#draws.below(30) === 0 ? this.#draws.below(bytes.length) : bytes.length;
      socket.write(bytes.subarray(0, cut));
    }
  }

  end(): void {
    for (const peer of this.#peers) peer?.socket.destroy();
  }

  #open(): StormPeer {
    const socket = connect(this.#port, '127.0.0.1');
    const role = this.#draws.of<Role>(['producer', 'scheduler']);
    const known: KnownAttempt[] = [];
    socket.on('error', () => undefined);
    socket.on('data', (data) => hear(known, data.toString('latin1')));
    // Without an upgrade, what follows is no HTTP either.
    if (this.#draws.below(20) > 0) {
      socket.write(
        'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
      );
    }
    if (this.#draws.next() >= this.#oddness) socket.write(registering(this.#draws, role));
    return { socket, role, known };
  }
}

interface StormPeer {
  readonly socket: Socket;
  readonly role: Role;
  /** The latest attempts of which the bus has told it. */
  readonly known: KnownAttempt[];
}

function hear(known: KnownAttempt[], text: string): void {
  for (const [, job = '', attempt] of text.matchAll(/"job":"([^"]+)"(?:,"attempt":(\d+))?/g)) {
    known.unshift({ job, attempt: Number(attempt ?? 1) });
  }
  known.length = Math.min(known.length, 5);
}
