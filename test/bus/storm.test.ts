/** Storms of odd frames on one bus: it neither crashes nor stalls, and the work of others goes on. */
import { fc, test } from '@fast-check/vitest';
import { connect, type Socket } from 'node:net';
import { expect } from 'vitest';
import type { Bus } from '../../src/bus/index.js';
import { scaledRuns } from '../support/property-runs.js';
import { cleanUp, newBus, newProducer, newScheduler } from './bus-kit.js';
import { Draws, type KnownAttempt, oddFrame } from './odd-frames.js';
import { until } from './wire.js';

const FRAMES = 500;
const PEERS = 10;

test.prop([fc.integer()], { numRuns: scaledRuns(6) })(
  'in any storm of odd frames the bus goes on, and what others ask for is done',
  async (seed) => {
    const bus = await newBus({ patienceMs: 60_000 });
    const worker = newScheduler(bus.url, { honest: (n: number) => n + 1 });
    const producer = newProducer(bus.url);
    await Promise.all([worker.ready(), producer.ready()]);
    const storm = new Storm(bus, new Draws(seed));
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
  readonly #sockets: Socket[] = [];
  readonly #known: KnownAttempt[] = [];

  constructor({ url }: Bus, draws: Draws) {
    this.#port = Number(new URL(url).port);
    this.#draws = draws;
  }

  step(): void {
    const place = this.#draws.below(PEERS);
    const socket = this.#sockets[place];
    if (socket === undefined || socket.destroyed || this.#draws.below(60) === 0) {
      socket?.destroy();
      this.#sockets[place] = this.#open();
    } else {
      const bytes = oddFrame(this.#draws, this.#known);
      // Sometimes in pieces, sometimes without the end.
      const cut = this.#draws.below(30) === 0 ? this.#draws.below(bytes.length) : bytes.length;
      socket.write(bytes.subarray(0, cut));
    }
  }

  end(): void {
    for (const socket of this.#sockets) socket?.destroy();
  }

  #open(): Socket {
    const socket = connect(this.#port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.on('data', (data) => this.#hear(data.toString('latin1')));
    // Without an upgrade, what follows is no HTTP either.
    if (this.#draws.below(20) > 0) {
      socket.write(
        'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
      );
    }
    return socket;
  }

  #hear(text: string): void {
    for (const [, job = '', attempt] of text.matchAll(/"job":"([^"]+)"(?:,"attempt":(\d+))?/g)) {
      this.#known.unshift({ job, attempt: Number(attempt ?? 1) });
    }
    this.#known.length = Math.min(this.#known.length, 20);
  }
}
