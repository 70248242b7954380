import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { connectProducer, connectScheduler, type Feedback, type WantedJob } from '../../src/bus/index.js';
import { Scheduler } from '../../src/index.js';
import { atEnd, cleanUp, newBus, newProducer, newScheduler, SOON } from './bus-kit.js';
import { Gate } from '../support/gate.js';
import { refusalOf } from '../support/refusal.js';
import { until } from './wire.js';

afterEach(cleanUp);

const TASKS = {
  add: (a: number, b: number) => a + b,
  *count(to: number) {
    for (let n = 1; n <= to; n += 1) yield n;
  },
  fail: (message: string) => {
    throw new RangeError(message);
  },
  nothing: () => undefined,
  huge: () => 'x'.repeat(100_000),
  circle: () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    return circle;
  },
  *hugePart() {
    yield 'small';
    yield 'x'.repeat(100_000);
  },
  never: () => new Promise(() => undefined),
  own: (value: unknown) => Object.keys(value as object),
};

describe('a producer and a scheduler at a bus', () => {
  test('call functions by name and hear what came of it', async () => {
    const bus = await newBus();
    const producer = newProducer(bus.url);
    newScheduler(bus.url, TASKS);
    expect(await producer.request({ task: 'add', args: [1, 2] }).result()).toBe(3);
    expect(await producer.request({ task: 'nothing' }).outcome()).toEqual({
      status: 'done',
      partials: 0,
      value: undefined,
    });
    expect(await producer.request({ runtime: 0.001 }).outcome()).toMatchObject({ status: 'done' });
    const heard: Feedback[] = [];
    const counted = await producer.request({ task: 'count', args: [3] }, (feedback) => heard.push(feedback)).outcome();
    expect(counted).toEqual({ status: 'done', partials: 3, value: undefined });
    expect(heard.map(({ event }) => event)).toEqual([
      'queued',
      'accepted',
      'started',
      'partial',
      'partial',
      'partial',
      'done',
    ]);
    expect(heard.flatMap((feedback) => (feedback.event === 'partial' ? [feedback.value] : []))).toEqual([1, 2, 3]);
  });

  test('a job has ended when its end is heard, and its producer may be closed then', async () => {
    const bus = await newBus();
    const producer = newProducer(bus.url, { maxUnsettled: 1 });
    newScheduler(bus.url, TASKS);
    const seen: unknown[] = [];
    const job = producer.request({ task: 'add', args: [1, 2] }, ({ event }) => {
      if (event !== 'done') return;
      seen.push(job.isSettled, producer.unsettled);
      producer.close();
    });
    expect(await job.result()).toBe(3);
    expect(seen).toEqual([true, 0]);
  });

  test('a job that fails says why', async () => {
    const bus = await newBus();
    const producer = newProducer(bus.url);
    newScheduler(bus.url, TASKS);
    const broken = producer.request({ task: 'fail', args: ['too far'] });
    expect(await broken.outcome()).toEqual({
      status: 'failed',
      reason: 'error',
      error: { name: 'RangeError', message: 'too far' },
    });
    await expect(broken.result()).rejects.toMatchObject({
      code: 'JobFailed',
      cause: { name: 'RangeError', message: 'too far' },
    });
    expect(await producer.request({ task: 'huge' }).outcome()).toMatchObject({
      status: 'failed',
      reason: 'unsendable',
    });
    expect(await producer.request({ task: 'circle' }).outcome()).toMatchObject({
      status: 'failed',
      reason: 'unsendable',
    });
    expect(await producer.request({ task: 'hugePart' }).outcome()).toMatchObject({
      status: 'failed',
      reason: 'unsendable',
    });
    const late = producer.request({ task: 'never', timeoutMs: 5 });
    expect(await late.outcome()).toMatchObject({ status: 'failed', reason: 'timed-out' });
  });

  test('names and keys that objects have of themselves reach nothing', async () => {
    const bus = await newBus();
    const producer = newProducer(bus.url);
    const client = newScheduler(bus.url, TASKS);
    const value: unknown = JSON.parse('{"__proto__":{"polluted":true},"constructor":1}');
    expect(await producer.request({ task: 'own', args: [value] }).result()).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    // A bus that offers what was never promised: the name is looked up among the tasks and nowhere else.
    client.close();
    const rogue = await rogueBus();
    newScheduler(rogue.url, TASKS);
    for (const task of ['constructor', '__proto__', 'toString']) {
      expect(await rogue.answerTo(task)).toMatchObject({ cmd: 'failed', reason: 'unknown-task' });
    }
  });

  test('the more urgent job is run first, whatever came first', async () => {
    const bus = await newBus();
    const producer = newProducer(bus.url);
    const first = new Gate();
    const order: number[] = [];
    newScheduler(bus.url, { wait: () => first.promise, note: (n: number) => order.push(n) }, { slots: 1 });
    const blocking = producer.request({ task: 'wait' });
    const notes = [5, 9, 0, 3].map((priority) => producer.request({ task: 'note', args: [priority], priority }));
    await until(() => notes.every(({ id }) => id !== undefined));
    first.open();
    await Promise.all([blocking, ...notes].map((job) => job.outcome()));
    expect(order).toEqual([0, 3, 5, 9]);
  });

  test('equally urgent jobs start oldest first, however many keep arriving', async () => {
    const bus = await newBus();
    const producer = newProducer(bus.url);
    const order: number[] = [];
    newScheduler(bus.url, { work: (n: number) => order.push(n) }, { slots: 1, backlog: 8 });
    const numbers = Array.from({ length: 200 }, (_, n) => n).values();
    const keepAsking = async () => {
      for (const n of numbers) await producer.request({ task: 'work', args: [n] }).outcome();
    };
    await Promise.all(Array.from({ length: 6 }, keepAsking));
    expect(order).toHaveLength(200);
    expect(order).toEqual(order.map((_, n) => n));
  });

  test('jobs of a lost scheduler are done by another, each once', async () => {
    const bus = await newBus();
    const producer = newProducer(bus.url);
    const lost = newScheduler(bus.url, { ...TASKS, add: () => new Promise(() => undefined) }, { slots: 4 });
    await until(() => bus.counts.schedulers === 1);
    const finals = new Map<string, number>();
    const jobs = Array.from({ length: 30 }, (_, n) =>
      producer.request({ task: 'add', args: [n, n] }, ({ ref, event }) => {
        if (event === 'done') finals.set(ref, (finals.get(ref) ?? 0) + 1);
      }),
    );
    await until(() => lost.running === 20);
    newScheduler(bus.url, TASKS);
    await until(() => bus.counts.schedulers === 2);
    lost.close();
    const results = await Promise.all(jobs.map((job) => job.result()));
    expect(results).toEqual(jobs.map((_, n) => 2 * n));
    expect([...finals.values()]).toEqual(jobs.map(() => 1));
  });

  test('a cancelled job ends, and so does what ran for it', async () => {
    const bus = await newBus();
    const producer = newProducer(bus.url);
    const client = newScheduler(bus.url, TASKS);
    const running = producer.request({ task: 'never' });
    await until(() => client.running === 1);
    running.cancel();
    expect(await running.outcome()).toEqual({ status: 'cancelled' });
    await until(() => client.running === 0);
    const unsent = connectProducer({ url: 'ws://127.0.0.1:1', reconnect: SOON });
    atEnd(() => unsent.close());
    const waiting = unsent.request({ task: 'add' });
    waiting.cancel();
    expect(await waiting.outcome()).toEqual({ status: 'cancelled' });
  });

  test('a job that is rejected says so', async () => {
    const bus = await newBus({ maxJobs: 1 });
    const producer = newProducer(bus.url, { maxUnsettled: 2 });
    producer.request({ task: 'add' });
    const second = producer.request({ task: 'add' });
    expect(refusalOf(() => producer.request({ task: 'add' })).code).toBe('JobRejected');
    expect(await second.outcome()).toEqual({ status: 'rejected' });
    await expect(second.result()).rejects.toMatchObject({ code: 'JobRejected' });
  });

  test('a job is what it was when it was asked for, and fails at a bus that takes no message so long', async () => {
    const bus = await newBus({ maxFrameBytes: 4096 });
    const producer = newProducer(bus.url);
    newScheduler(bus.url, TASKS);
    const args = [1, 2];
    const job = producer.request({ task: 'add', args });
    const long = producer.request({ task: 'own', args: [{ text: 'x'.repeat(5000) }] });
    args.push(10n as unknown as number);
    expect(await job.result()).toBe(3);
    expect(await long.outcome()).toMatchObject({ status: 'failed', reason: 'unsendable' });
  });

  test('what cannot be asked for is refused at once', async () => {
    const bus = await newBus();
    const producer = newProducer(bus.url);
    const kinds = 'a job must have either a task or a runtime';
    const refused: [unknown, string][] = [
      [{ task: '' }, "a job's task must not be empty"],
      [{ runtime: -1 }, "a job's runtime must not be negative"],
      [{ runtime: 2_147_484 }, "a job's runtime must be at most 2147483 seconds"],
      [{ task: 'add', timeoutMs: 2 ** 31 }, "a job's timeoutMs must be at most 2147483647"],
      [{ runtime: 1, priority: 1.5 }, "a job's priority must be an integer"],
      [{ task: 'add', args: [1n] }, 'a job cannot be sent: it cannot be converted to JSON'],
      [{ task: 'add', args: ['x'.repeat(100_000)] }, 'a job cannot be sent: 100'],
      [{ task: 'add', runtime: 1 }, kinds],
      [{ name: 'add' }, kinds],
      [null, kinds],
      ['add', kinds],
    ];
    for (const [wanted, message] of refused) {
      const { code, message: said } = refusalOf(() => producer.request(wanted as WantedJob));
      expect([code, said.slice(0, message.length)]).toEqual(['InvalidArgument', message]);
    }
    expect(producer.unsettled).toBe(0);
  });
});

describe('a scheduler that was closed by its owner', () => {
  test('hands jobs back, to be done by another', async () => {
    const bus = await newBus();
    const producer = newProducer(bus.url);
    const scheduler = new Scheduler();
    const client = connectScheduler({ url: bus.url, scheduler, slots: 1, tasks: TASKS });
    atEnd(() => client.close());
    await client.ready();
    await scheduler.close();
    const events: string[] = [];
    const job = producer.request({ task: 'add', args: [1, 2] }, ({ event }) => events.push(event));
    await until(() => events.includes('requeued'));
    newScheduler(bus.url, TASKS);
    expect(await job.result()).toBe(3);
  });
});

describe('a scheduler that drains', () => {
  test('takes no broadcasts any more', async () => {
    const rogue = await rogueBus();
    const client = newScheduler(rogue.url, TASKS);
    await rogue.send({ cmd: 'broadcast', payload: { priority: 1, runtime: 600 } });
    await until(() => client.running === 1);
    const drained = client.drain();
    await rogue.send({ cmd: 'broadcast', payload: { priority: 1, runtime: 600 } });
    // Answered after what was sent before it has been taken.
    expect(await rogue.answerTo('add')).toMatchObject({ cmd: 'decline' });
    expect(client.running).toBe(1);
    client.close();
    await drained;
  });

  test('does so once, however often it is asked to', async () => {
    const bus = await newBus();
    const producer = newProducer(bus.url);
    const opened = new Gate();
    const client = newScheduler(bus.url, { job: () => opened.promise });
    const started = new Gate();
    producer.request({ task: 'job' }, ({ event }) => {
      if (event === 'started') started.open();
    });
    await started.promise;
    const both = [client.drain(), client.drain()];
    opened.open();
    await Promise.all(both);
    await client.drain();
    expect(client.running).toBe(0);
  });

  test('hands back what has not started and lets the rest end', async () => {
    const bus = await newBus();
    const producer = newProducer(bus.url);
    const opened = new Gate();
    const client = newScheduler(bus.url, { job: () => opened.promise.then(() => 'first') }, { slots: 1, backlog: 3 });
    const started = new Gate();
    producer.request({ task: 'job' }, ({ event }) => {
      if (event === 'started') started.open();
    });
    await started.promise;
    const others = [1, 2].map(() => producer.request({ task: 'job' }));
    await until(() => client.running === 3);
    newScheduler(bus.url, { job: () => 'second' });
    const drained = client.drain();
    expect(await Promise.all(others.map((job) => job.result()))).toEqual(['second', 'second']);
    opened.open();
    await drained;
    expect(await client.ended()).toBeUndefined();
    expect(client.running).toBe(0);
  });
});

describe('clients that the bus does not want', () => {
  test('end, and say why', async () => {
    const bus = await newBus({ token: 'secret' });
    const producer = newProducer(bus.url, { token: 'wrong' });
    const job = producer.request({ runtime: 1 });
    await expect(producer.ready()).rejects.toThrow('token');
    expect(await job.outcome()).toMatchObject({ status: 'failed', reason: 'bus-unavailable' });
    expect(refusalOf(() => producer.request({ runtime: 1 })).code).toBe('BusUnavailable');
    expect(await producer.ended()).toMatchObject({ code: 'BusUnavailable' });
    const client = newScheduler(bus.url, TASKS);
    expect(await client.ended()).toMatchObject({ code: 'BusUnavailable' });
    const welcome = newProducer(bus.url, { token: 'secret' });
    await welcome.ready();
    welcome.close();
    expect(await welcome.ended()).toBeUndefined();
  });

  test('say why, when the bus does not take the name by which they address it', async () => {
    const { port } = new URL((await newBus()).url);
    // A name that this computer resolves without asking anybody, and the bus does not know.
    const producer = newProducer(`ws://localhost:${port}`, { reconnect: { ...SOON, attempts: 1 } });
    await producer.ready();
    const refusing = createServer((_, response) => response.writeHead(403).end('Host not allowed: because\nmore'));
    refusing.on('upgrade', (_, socket) => socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 8\r\n\r\nbecause!'));
    refusing.listen(0, '127.0.0.1');
    await once(refusing, 'listening');
    atEnd(() => refusing.close());
    const refused = newProducer(`ws://127.0.0.1:${(refusing.address() as AddressInfo).port}`);
    await expect(refused.ready()).rejects.toThrow('status 403: because!');
  });

  test('end when what answers is no bus', async () => {
    const server = createServer((_, response) => response.writeHead(404).end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    atEnd(() => server.close());
    const producer = newProducer(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await expect(producer.ready()).rejects.toThrow('404');
  });

  test('end after the attempts they were given', async () => {
    const producer = newProducer('ws://127.0.0.1:1', { reconnect: { ...SOON, attempts: 3 } });
    await expect(producer.ready()).rejects.toThrow('ECONNREFUSED');
  });
});

/** A server that offers its schedulers whatever it likes. */
async function rogueBus() {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  atEnd(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  const connected = once(server, 'connection').then(([socket]) => {
    const scheduler = socket as WebSocket;
    const answers: Record<string, unknown>[] = [];
    scheduler.on('message', (data: Buffer) => answers.push(JSON.parse(data.toString()) as Record<string, unknown>));
    scheduler.send(JSON.stringify({ cmd: 'registered', version: 2, id: 's', silenceMs: 1e6, maxFrameBytes: 65536 }));
    return { scheduler, answers };
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async send(message: object) {
      const { scheduler } = await connected;
      scheduler.send(JSON.stringify(message));
    },
    async answerTo(task: string) {
      const { scheduler, answers } = await connected;
      const job = `job-${task}`;
      scheduler.send(JSON.stringify({ cmd: 'offer', job, attempt: 1, payload: { task, args: [], priority: 1 } }));
      const isAnswer = (answer: Record<string, unknown>) => answer['job'] === job && answer['cmd'] !== 'accept';
      await until(() => answers.some(isAnswer));
      return answers.find(isAnswer);
    },
  };
}
