/** What listeners and readers of events are told, and that they cannot harm what they watch. */
import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { Scheduler, SchedulerEventUnion } from '../../src/index.js';
import { isKept, quiet } from '../support/event-loop.js';
import { manualQueue, oneQueue } from '../support/one-queue.js';
import { uncaughtErrors } from '../support/uncaught-errors.js';

const nothing = (): void => undefined;
const pass = (value: unknown): unknown => value;

const TYPES = ['task', 'partial', 'scheduler', 'stalled'] as const;

/** All events of `scheduler` from now on, as one line each. */
function noted(scheduler: Scheduler): string[] {
  const lines: string[] = [];
  for (const type of TYPES) scheduler.on(type, (event) => lines.push(lineOf(event)));
  return lines;
}

function lineOf(event: SchedulerEventUnion): string {
  switch (event.type) {
    case 'task':
      return `${event.id}@${event.queue} ${event.previous} → ${event.state} (${event.attempt})`;
    case 'partial':
      return `${event.id}@${event.queue} #${event.index}`;
    case 'scheduler':
      return event.state;
    case 'stalled':
      return `stalled: ${event.tasks.join()}`;
    default:
      return event satisfies never;
  }
}

async function read(events: AsyncIterable<SchedulerEventUnion>): Promise<string[]> {
  const lines: string[] = [];
  for await (const event of events) lines.push(lineOf(event));
  return lines;
}

describe('a listener', () => {
  test('is told every change of a task, in order', async () => {
    const { scheduler, queue } = oneQueue();
    const lines = noted(scheduler);
    const stream = queue.submit({ id: 's' }, function* () {
      yield 1;
      yield 2;
    });
    queue.submit({ id: 'd' }, pass, stream);
    scheduler.start();
    await scheduler.wait();
    await quiet();
    expect(lines).toEqual([
      's@q pending → ready (0)',
      'busy',
      's@q ready → running (1)',
      's@q running → partial (1)',
      's@q #0',
      's@q #1',
      's@q partial → done (1)',
      'd@q pending → ready (0)',
      'd@q ready → running (1)',
      'd@q running → done (1)',
      'idle',
    ]);
  });

  test('is told of failures with their errors, and of cancellations', async () => {
    const { scheduler, queue } = oneQueue();
    const seen: unknown[] = [];
    const error = new RangeError('x');
    const bad = queue.submit({ id: 'bad' }, () => {
      throw error;
    });
    queue.submit({ id: 'dependent' }, pass, bad);
    const cancelled = queue.submit({ id: 'cancelled' }, pass, bad);
    scheduler.on('task', (event) => {
      if (event.state === 'failed' || event.state === 'cancelled') seen.push(event);
    });
    cancelled.cancel();
    scheduler.start();
    await bad.settled();
    await quiet();
    expect(seen).toEqual([
      { type: 'task', id: 'cancelled', queue: 'q', previous: 'pending', state: 'cancelled', attempt: 0 },
      { type: 'task', id: 'bad', queue: 'q', previous: 'running', state: 'failed', attempt: 1, error },
      {
        type: 'task',
        id: 'dependent',
        queue: 'q',
        previous: 'pending',
        state: 'failed',
        attempt: 0,
        error: expect.objectContaining({ code: 'DependencyFailed', root: error }) as unknown,
      },
    ]);
  });

  test('finds the task in the state that it is told', async () => {
    const { scheduler, queue } = oneQueue();
    const seen: unknown[] = [];
    const first = queue.submit({ id: 'first' }, () => 1);
    const second = queue.submit({ id: 'second' }, pass, first);
    expect(second.actor.getSnapshot().value).toBe('pending');
    scheduler.on('task', ({ id, state }) => seen.push([id, state, id === 'first' ? first.state : second.state]));
    scheduler.start();
    await scheduler.wait();
    expect(seen).toEqual([
      ['first', 'running', 'running'],
      ['first', 'done', 'done'],
      ['second', 'ready', 'ready'],
      ['second', 'running', 'running'],
      ['second', 'done', 'done'],
    ]);
  });

  test('is told of a stall once, with the tasks and a sentence', async () => {
    const { scheduler, queue } = oneQueue();
    const stalls: unknown[] = [];
    scheduler.on('stalled', (event) => stalls.push(event));
    const holder = queue.submit({ id: 'holder', hold: true }, nothing);
    queue.submit({ id: 'stuck', after: [holder] }, nothing);
    scheduler.start();
    await quiet();
    expect(scheduler.state).toBe('stalled');
    expect(stalls).toEqual([
      { type: 'stalled', tasks: ['stuck'], message: expect.stringContaining('held by holder') as unknown },
    ]);
  });

  test('hears nothing more once it has left, and others still do', async () => {
    const { scheduler, queue } = oneQueue();
    const heard: string[] = [];
    const leave = scheduler.on('task', () => heard.push('leaving'));
    scheduler.on('task', () => heard.push('staying'));
    queue.submit(nothing);
    leave();
    leave();
    queue.submit(nothing);
    expect(heard).toEqual(['leaving', 'staying', 'staying']);
  });

  test('registered twice hears twice, and leaves one by one', () => {
    const { scheduler, queue } = oneQueue();
    let heard = 0;
    const listener = (): void => {
      heard += 1;
    };
    const [leaveFirst, leaveSecond] = [scheduler.on('task', listener), scheduler.on('task', listener)];
    queue.submit(nothing);
    expect(heard).toBe(2);
    leaveFirst();
    queue.submit(nothing);
    expect(heard).toBe(3);
    leaveSecond();
    queue.submit(nothing);
    expect(heard).toBe(3);
  });

  test('may leave and join while it is told', async () => {
    const { scheduler, queue } = oneQueue();
    const heard: string[] = [];
    const leave = scheduler.on('task', () => {
      heard.push('once');
      leave();
      scheduler.on('task', () => heard.push('joined'));
    });
    scheduler.on('task', () => heard.push('other'));
    queue.submit(nothing);
    expect(heard).toEqual(['once', 'other']);
    queue.submit(nothing);
    expect(heard).toEqual(['once', 'other', 'other', 'joined']);
  });

  test('that throws harms neither the others nor the scheduler, and is not silenced', async () => {
    const errors = uncaughtErrors();
    const { scheduler, queue } = oneQueue();
    const heard: string[] = [];
    const harm = new RangeError('a bad listener');
    for (const type of TYPES) {
      scheduler.on(type, () => {
        throw harm;
      });
    }
    scheduler.on('task', ({ state }) => heard.push(state));
    const stream = queue.submit(function* () {
      yield 1;
    });
    const dependent = queue.submit((all: readonly number[]) => all.length, stream);
    scheduler.start();
    expect(await dependent.result()).toBe(1);
    await scheduler.wait();
    await quiet();
    expect(heard).toEqual(['ready', 'running', 'partial', 'done', 'ready', 'running', 'done']);
    // Those events, one partial result, and busy and idle.
    expect(errors).toEqual(Array.from({ length: heard.length + 3 }, () => harm));
  });

  test.each(['task', 'queue'] as const)('given to a %s harms nobody by throwing', async (whose) => {
    const errors = uncaughtErrors();
    const heard: string[] = [];
    const harm = new RangeError('a bad listener');
    const bad = ({ id, kind }: { readonly id: string; readonly kind: string }): void => {
      heard.push(`${id} ${kind}`);
      throw harm;
    };
    const { scheduler, queue } = oneQueue(whose === 'queue' ? { onSettled: bad } : {});
    const one = queue.submit({ id: 'one', ...(whose === 'task' ? { onSettled: bad } : {}) }, () => 1);
    const dependent = queue.submit((value: number) => value + 1, one);
    scheduler.start();
    expect(await dependent.result()).toBe(2);
    await quiet();
    expect(heard).toEqual(whose === 'task' ? ['one done'] : ['one done', `${dependent.id} done`]);
    expect(errors).toEqual(heard.map(() => harm));
  });

  test('may submit, cancel and close', async () => {
    const { scheduler, queue, executor, started } = manualQueue({ concurrency: 2 });
    const victim = queue.submit({ id: 'victim', priority: -1 }, nothing);
    queue.submit({ id: 'first' }, nothing);
    let closed: Promise<void> | undefined;
    scheduler.on('task', ({ id, state }) => {
      if (id === 'first' && state === 'done') {
        victim.cancel();
        queue.submit({ id: 'more' }, nothing);
      }
      if (id === 'more' && state === 'done') closed = scheduler.close();
    });
    scheduler.start();
    await quiet();
    executor.attemptAt('first').done(1);
    await quiet();
    executor.attemptAt('victim').failed('aborted');
    executor.attemptAt('more').done(1);
    await closed;
    expect([scheduler.state, victim.state, started()]).toEqual(['closed', 'cancelled', ['first', 'victim', 'more']]);
  });
});

describe('a reader of events', () => {
  test('gets them all, in order, until the scheduler is closed', async () => {
    const { scheduler, queue } = oneQueue();
    const lines = noted(scheduler);
    const reading = read(scheduler.events());
    const stream = queue.submit({ id: 's' }, function* () {
      yield 1;
    });
    queue.submit({ id: 'd' }, pass, stream.at(0));
    scheduler.start();
    await scheduler.wait();
    await scheduler.terminate();
    expect(await reading).toEqual(lines);
    expect(lines.at(-1)).toBe('closed');
    expect(lines.length).toBeGreaterThan(10);
  });

  test('gets those from the call on, though it reads later', async () => {
    const { scheduler, queue } = oneQueue();
    queue.submit({ id: 'before' }, nothing);
    const events = scheduler.events();
    queue.submit({ id: 'after' }, nothing);
    await scheduler.terminate();
    const lines = await read(events);
    expect(lines[0]).toBe('after@q pending → ready (0)');
    expect(lines.at(-1)).toBe('closed');
  });

  test('ends when its signal aborts, after what has happened by then', async () => {
    const { scheduler, queue } = oneQueue();
    const controller = new AbortController();
    const reading = read(scheduler.events({ signal: controller.signal }));
    queue.submit({ id: 'a' }, nothing);
    controller.abort();
    queue.submit({ id: 'b' }, nothing);
    expect(await reading).toEqual(['a@q pending → ready (0)']);
  });

  test('ends when its signal aborts while it waits', async () => {
    const { scheduler } = oneQueue();
    const controller = new AbortController();
    const reading = read(scheduler.events({ signal: controller.signal }));
    expect(await isKept(reading)).toBe(false);
    controller.abort();
    expect(await reading).toEqual([]);
  });

  test('gets nothing with a signal that has aborted', async () => {
    const { scheduler, queue } = oneQueue();
    const events = scheduler.events({ signal: AbortSignal.abort() });
    queue.submit(nothing);
    expect(await read(events)).toEqual([]);
  });

  test('gets nothing from a scheduler that is closed', async () => {
    const { scheduler } = oneQueue();
    await scheduler.close();
    const reading = read(scheduler.events());
    expect(await isKept(reading)).toBe(true);
    expect(await reading).toEqual([]);
  });

  test('is told of a stall', async () => {
    const { scheduler, queue } = oneQueue();
    const reading = read(scheduler.events());
    const holder = queue.submit({ id: 'holder', hold: true }, nothing);
    queue.submit({ id: 'stuck', after: [holder] }, nothing);
    scheduler.start();
    await quiet();
    await scheduler.terminate();
    expect(await reading).toContain('stalled: stuck');
  });

  test('that leaves off no longer listens to its signal', async () => {
    const { scheduler, queue } = oneQueue();
    const { signal } = new AbortController();
    const events = scheduler.events({ signal });
    queue.submit(nothing);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    for await (const event of events) if (event.type === 'task') break;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('may leave off', async () => {
    const { scheduler, queue } = oneQueue();
    queue.submit({ id: 'a' }, nothing);
    const seen: string[] = [];
    const reading = (async () => {
      for await (const event of scheduler.events()) {
        seen.push(lineOf(event));
        if (event.type === 'task') break;
      }
    })();
    scheduler.start();
    await reading;
    await scheduler.wait();
    expect(seen).toEqual(['busy', 'a@q ready → running (1)']);
  });

  test('that is too slow is told so, after what was kept for it', async () => {
    const { scheduler, queue } = oneQueue();
    const reader = scheduler.events({ limit: 3 })[Symbol.asyncIterator]();
    for (const id of ['a', 'b', 'c', 'd']) queue.submit({ id }, nothing);
    const ids: unknown[] = [];
    for (let n = 0; n < 3; n += 1) {
      const { value } = (await reader.next()) as { readonly value: { readonly id: string } };
      ids.push(value.id);
    }
    expect(ids).toEqual(['a', 'b', 'c']);
    await expect(reader.next()).rejects.toMatchObject({
      code: 'SlowConsumer',
      message: 'more than 3 events were waiting for their reader; the later ones are lost',
    });
    expect(await reader.next()).toEqual({ done: true, value: undefined });
  });

  test('that keeps up loses none, however many there are', async () => {
    const { scheduler, queue } = oneQueue();
    const reading = read(scheduler.events({ limit: 50 }));
    scheduler.start();
    for (let n = 0; n < 100; n += 1) {
      await queue.submit(nothing).result();
      await quiet();
    }
    await scheduler.close();
    const lines = await reading;
    // Ready, running and done of each, busy and idle around each, the first busy and idle, stopped and closed.
    expect(lines.filter((line) => line.includes('→'))).toHaveLength(300);
    expect(lines.at(-1)).toBe('closed');
  });

  test('is one of several, each with all events', async () => {
    const { scheduler, queue } = oneQueue();
    const readings = [read(scheduler.events()), read(scheduler.events())];
    queue.submit(nothing);
    scheduler.start();
    await scheduler.wait();
    await scheduler.close();
    const [first, second] = await Promise.all(readings);
    expect(first).toEqual(second);
    expect(first?.length).toBeGreaterThan(5);
  });
});
