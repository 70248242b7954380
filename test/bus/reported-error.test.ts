import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { encodeFrame } from '../../src/bus/protocol/frames.js';
import { QueueRunner } from '../../src/bus/client/queue-runner.js';
import { reportedError } from '../../src/bus/protocol/reported-error.js';
import { Scheduler } from '../../src/index.js';
import { cleanUp, newBus, newProducer, newScheduler } from './bus-kit.js';
import { Gate } from '../support/gate.js';
import { property } from '../support/property.js';

afterEach(cleanUp);

function withField(field: 'name' | 'message', value: unknown): Error {
  return Object.defineProperty(new Error('x'), field, { value });
}

function withGetter(field: 'name' | 'message'): Error {
  const get = (): never => {
    throw new Error('no');
  };
  return Object.defineProperty(new Error('x'), field, { get });
}

const TASKS = {
  numberAsName: () => {
    throw withField('name', 42);
  },
  objectAsMessage: () => {
    throw withField('message', { a: 1 });
  },
  symbolAsName: () => {
    throw withField('name', Symbol('s'));
  },
  getter: () => {
    throw withGetter('message');
  },
  *part() {
    yield 1;
    throw withField('message', undefined);
  },
  badJson: () => ({
    toJSON: () => {
      throw withField('message', 42);
    },
  }),
};

describe('an error of any shape', () => {
  property([fc.anything(), fc.constantFrom('name' as const, 'message' as const)])(
    'is reported in words, whatever its name or message is',
    (value, field) => {
      for (const thrown of [value, withField(field, value), withGetter(field)]) {
        const { name, message } = reportedError(thrown);
        expect([typeof name, typeof message]).toEqual(['string', 'string']);
        expect(name.length).toBeLessThanOrEqual(100);
        expect(message.length).toBeLessThanOrEqual(1000);
      }
    },
  );

  test('ends its job, and its scheduler goes on', async () => {
    const bus = await newBus();
    const producer = newProducer(bus.url);
    newScheduler(bus.url, { ...TASKS, add: (a: number, b: number) => a + b });
    const outcomes = Object.keys(TASKS).map((task) => producer.request({ task }).outcome());
    const reasons = Object.keys(TASKS).map((task) => (task === 'badJson' ? 'unsendable' : 'error'));
    expect(await Promise.all(outcomes)).toMatchObject(reasons.map((reason) => ({ status: 'failed', reason })));
    expect(await producer.request({ task: 'add', args: [1, 2] }).result()).toBe(3);
    expect(bus.counts.jobs).toBe(0);
  });

  test('is reported in few words where its own are longer than a frame', async () => {
    const bus = await newBus({ maxFrameBytes: 4096 });
    const producer = newProducer(bus.url);
    const client = newScheduler(bus.url, {
      long: () => {
        throw new Error('\u0001'.repeat(900));
      },
    });
    await client.ready();
    expect(await producer.request({ task: 'long' }).outcome()).toEqual({
      status: 'failed',
      reason: 'error',
      error: { name: 'Error', message: 'the error message does not fit into a frame' },
    });
  });

  test('of a value that cannot be JSON says why it is unsendable', () => {
    expect(encodeFrame({ value: TASKS.badJson() }, 1000)).toEqual({
      ok: false,
      message: 'it cannot be converted to JSON: 42',
    });
  });
});

describe('a report that cannot be made', () => {
  test('fails its job', async () => {
    const scheduler = new Scheduler();
    scheduler.start();
    const queue = scheduler.queue('q', { concurrency: 1 });
    const runner = new QueueRunner({ queue, functions: new Map([['job', () => 1]]), timed: undefined });
    const failed = new Gate<unknown>();
    runner.begin(
      'a',
      { task: 'job', args: [], priority: 5 },
      {
        started: () => undefined,
        partial: () => Promise.resolve(),
        evicted: () => undefined,
        dropped: () => undefined,
        done: () => {
          throw new Error('cannot be told');
        },
        refused: () => undefined,
        failed: (reason, error) => failed.open([reason, error]),
      },
    );
    expect(await failed.promise).toEqual(['error', new Error('cannot be told')]);
    await scheduler.close();
  });
});
