/** Clients at a bus that says odd things: they go on or end with an error, and are closed like any other. */
import * as fc from 'fast-check';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { scaledRuns } from '../support/property-runs.js';
import { cleanUp, newProducer, newScheduler } from './bus-kit.js';
import { Draws, withOddValue } from './odd-frames.js';
import { until } from './wire.js';
import { property } from '../support/property.js';

const FRAMES = 100;

property([fc.integer()], { numRuns: scaledRuns(40) })(
  'whatever a bus says, a client goes on or ends with an error',
  async (seed) => {
    const draws = new Draws(seed);
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    let sent = 0;
    server.on('connection', (socket) => {
      socket.on('error', () => undefined);
      const goOn = (): void => {
        if (socket.readyState !== WebSocket.OPEN || sent >= FRAMES) return;
        sent += 1;
        const message = said(draws);
        socket.send(JSON.stringify(draws.below(20) === 0 ? withOddValue(draws, message) : message));
        if (draws.below(40) === 0) socket.close(draws.of([1000, 1011, 1013]));
        setImmediate(goOn);
      };
      socket.once('message', goOn);
    });
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const producer = newProducer(url);
    const jobs = Array.from({ length: 5 }, () => producer.request({ task: 'add', args: [1] }));
    const client = newScheduler(url, { add: (n: unknown) => n });
    let isOver = false;
    void Promise.all([producer.ended(), client.ended()]).then(() => {
      isOver = true;
    });
    await until(() => isOver || sent >= FRAMES);
    await cleanUp();
    for (const job of jobs) expect((await job.outcome()).status).toBeTypeOf('string');
    for (const error of [await producer.ended(), await client.ended()]) {
      if (error !== undefined) expect(error.code).toBe('BusUnavailable');
    }
    expect(client.running).toBe(0);
    for (const socket of server.clients) socket.terminate();
    server.close();
    await once(server, 'close');
  },
);

/** What a bus may say to a client of either kind. */
function said(draws: Draws): object {
  const ref = String(1 + draws.below(6));
  const about = { seq: draws.below(20), ref, job: `j${draws.below(4)}`, attempt: 1 + draws.below(2) };
  const offer = { job: about.job, attempt: about.attempt };
  const feedback = { cmd: 'feedback', ...about };
  return draws.of<object>([
    {
      cmd: 'registered',
      version: 2,
      id: `s${draws.below(3)}`,
      silenceMs: 1e6,
      maxFrameBytes: draws.of([0, 100, 65_536]),
    },
    { cmd: 'registered', version: 2, id: 's', silenceMs: 1e308, maxFrameBytes: 65_536 },
    { cmd: 'synced', lost: draws.below(2), open: [ref] },
    { ...feedback, event: 'queued', schedulers: 1 },
    { ...feedback, event: 'accepted', scheduler: 's' },
    { ...feedback, event: 'partial', index: 7, value: null },
    { ...feedback, event: 'done', partials: 0, value: [] },
    { ...feedback, event: 'failed', reason: 'error', error: { name: '', message: '' } },
    { ...feedback, event: 'evicted', final: draws.below(2) === 0 },
    { cmd: 'offer', ...offer, payload: { task: draws.of(['add', '__proto__']), args: [1], priority: 1 } },
    { cmd: 'offer', ...offer, payload: { runtime: draws.of([0, 2_147_483]), priority: 0.5 } },
    { cmd: 'withdraw', ...offer },
    { cmd: 'broadcast', payload: { runtime: 0, priority: 1 } },
    { runtime: 0, priority: 1 },
    { cmd: 'error', code: 'x', message: 'x' },
  ]);
}
