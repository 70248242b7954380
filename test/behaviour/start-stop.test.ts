/** Start, stop and resume: what may start when, what goes on, and when the promise of `stop` is kept. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Handle, Scheduler } from '../../src/index.js';
import { isKept, quiet } from '../support/event-loop.js';
import { Gate } from '../support/gate.js';
import { ManualExecutor } from '../support/manual-executor.js';
import { manualQueue, oneQueue } from '../support/one-queue.js';
import { scaledRuns } from '../support/property-runs.js';
import { property } from '../support/property.js';

const nothing = (): void => undefined;

describe('before start', () => {
  test('nothing runs', async () => {
    const { scheduler, queue } = oneQueue();
    let calls = 0;
    const handle = queue.submit(() => (calls += 1));
    await quiet();
    expect([calls, handle.state, scheduler.state]).toEqual([0, 'ready', 'stopped']);
    scheduler.start();
    expect(await handle.result()).toBe(1);
  });

  test('stop changes nothing', async () => {
    const { scheduler, queue } = oneQueue();
    const handle = queue.submit(() => 1);
    await scheduler.stop();
    expect([handle.state, scheduler.state]).toEqual(['ready', 'stopped']);
  });
});

describe('start', () => {
  test('twice starts nothing twice', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 2 });
    let calls = 0;
    queue.submit(() => (calls += 1));
    scheduler.start();
    scheduler.start();
    await scheduler.wait();
    scheduler.start();
    await quiet();
    expect(calls).toBe(1);
  });

  test('runs a queue that was added before and one that is added afterwards', async () => {
    const { scheduler, queue } = oneQueue();
    const before = queue.submit(() => 'before');
    scheduler.start();
    expect(await before.result()).toBe('before');
    const late = scheduler.queue('late').submit(() => 'after');
    expect(await late.result()).toBe('after');
  });

  test('begins the tasks of one burst in demand order, newest first', async () => {
    const { scheduler, queue } = oneQueue();
    const order: string[] = [];
    scheduler.start();
    for (const name of ['a', 'b', 'c']) queue.submit(() => order.push(name));
    await scheduler.wait();
    expect(order).toEqual(['c', 'b', 'a']);
  });
});

describe('stop', () => {
  test('lets what runs go on and deliver, and starts nothing', async () => {
    const { scheduler, queue, executor, started } = manualQueue({ concurrency: 2 });
    const running = queue.stream({ id: 'running' }, () => [1]);
    const ofPartial = queue.submit({ id: 'ofPartial' }, (value: unknown) => value, running.at(0));
    const ofAll = queue.submit({ id: 'ofAll' }, (value: unknown) => value, running);
    scheduler.start();
    await quiet();
    const stopped = scheduler.stop();
    expect(scheduler.state).toBe('stopped');
    executor.attemptAt('running').partial('first');
    expect(await running.at(0).result()).toBe('first');
    expect(await isKept(stopped)).toBe(false);
    executor.attemptAt('running').done(undefined);
    expect(await running.result()).toEqual(['first']);
    await stopped;
    const late = queue.submit({ id: 'late' }, nothing);
    await quiet();
    expect([ofPartial.state, ofAll.state, late.state]).toEqual(['ready', 'ready', 'ready']);
    expect(started()).toEqual(['running']);
    scheduler.start();
    await quiet();
    expect(started()).toEqual(['running', 'late', 'ofAll']);
    for (const id of ['late', 'ofAll']) executor.attemptAt(id).done(id);
    await quiet();
    executor.attemptAt('ofPartial').done('all');
    await scheduler.wait();
    expect(executor.started).toHaveLength(4);
    expect(executor.attemptAt('ofPartial').args).toEqual(['first']);
  });

  test('resolves at once when nothing runs', async () => {
    const { scheduler, queue } = oneQueue();
    scheduler.start();
    await queue.submit(nothing).result();
    await scheduler.stop();
    expect(scheduler.state).toBe('stopped');
  });

  test('called again waits for the same attempts', async () => {
    const { scheduler, queue, executor } = manualQueue();
    queue.submit({ id: 'a' }, nothing);
    scheduler.start();
    await quiet();
    const promises = [scheduler.stop(), scheduler.stop()];
    expect(await isKept(Promise.race(promises))).toBe(false);
    executor.attemptAt('a').done(1);
    await Promise.all(promises);
  });

  test('waits for the attempts of its time only, also when started again meanwhile', async () => {
    const { scheduler, queue, executor, started } = manualQueue({ concurrency: 3 });
    queue.submit({ id: 'a' }, nothing);
    scheduler.start();
    await quiet();
    const first = scheduler.stop();
    scheduler.start();
    queue.submit({ id: 'b' }, nothing);
    await quiet();
    const second = scheduler.stop();
    scheduler.start();
    queue.submit({ id: 'c' }, nothing);
    await quiet();
    expect(started()).toEqual(['a', 'b', 'c']);
    expect(await isKept(Promise.race([first, second]))).toBe(false);
    executor.attemptAt('b').done(1);
    expect(await isKept(Promise.race([first, second]))).toBe(false);
    executor.attemptAt('a').done(1);
    await Promise.all([first, second]);
    executor.attemptAt('c').done(1);
  });

  test('waits for the attempt of a cancelled task until it has ended', async () => {
    const { scheduler, queue, executor } = manualQueue();
    const handle = queue.submit({ id: 'a' }, nothing);
    scheduler.start();
    await quiet();
    handle.cancel();
    const stopped = scheduler.stop();
    expect(await isKept(stopped)).toBe(false);
    executor.attemptAt('a').failed('aborted');
    await stopped;
  });

  test('right after start starts nothing more, and waits for what start has started', async () => {
    const { scheduler, queue, executor, started } = manualQueue({ concurrency: 2 });
    for (const id of ['a', 'b', 'c']) queue.submit({ id }, nothing);
    scheduler.start();
    const stopped = scheduler.stop();
    const already = started();
    queue.submit({ id: 'd' }, nothing);
    expect(await isKept(stopped)).toBe(already.length === 0);
    expect(started()).toEqual(already);
    for (const id of already) executor.attemptAt(id).done(1);
    await stopped;
    await quiet();
    expect(started()).toEqual(already);
  });

  test('in the middle of a generator lets it deliver to its end', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 2 });
    const goOn = new Gate();
    const stream = queue.submit(async function* () {
      yield 1;
      await goOn.promise;
      yield 2;
    });
    const seen: number[] = [];
    const dependents = [0, 1].map((index) => queue.submit((value: number) => seen.push(value), stream.at(index)));
    const ofAll = queue.submit((all: readonly number[]) => seen.push(...all), stream);
    scheduler.start();
    await dependents[0]?.result();
    const stopped = scheduler.stop();
    goOn.open();
    expect(await stream.result()).toEqual([1, 2]);
    await stopped;
    await quiet();
    expect(seen).toEqual([1]);
    scheduler.start();
    await Promise.all([...dependents, ofAll].map((dependent) => dependent.result()));
    expect(seen.toSorted((a, b) => a - b)).toEqual([1, 1, 2, 2]);
  });

  test('from within a task starts nothing more, and is kept when that task has ended', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 4 });
    const order: string[] = [];
    const goOn = new Gate();
    let stopped: Promise<void> | undefined;
    const later = queue.submit(() => order.push('later'));
    const stopping = queue.submit({ id: 'stopping' }, async () => {
      stopped = scheduler.stop();
      order.push('stopping');
      await goOn.promise;
      return 'ended';
    });
    const dependent = queue.submit((text: string) => order.push(text), stopping);
    scheduler.start();
    await quiet();
    expect(await isKept(stopped ?? Promise.resolve())).toBe(false);
    goOn.open();
    expect(await stopping.result()).toBe('ended');
    await stopped;
    await quiet();
    expect(dependent.state).toBe('ready');
    expect(order).not.toContain('ended');
    scheduler.start();
    await Promise.all([later.result(), dependent.result()]);
    expect(order.toSorted()).toEqual(['ended', 'later', 'stopping']);
  });

  test('from within a listener starts nothing more', async () => {
    const { scheduler, queue, started } = manualQueue({ concurrency: 4 });
    scheduler.on('task', ({ state }) => {
      if (state === 'running') void scheduler.stop();
    });
    const handles = ['a', 'b', 'c'].map((id) => queue.submit({ id }, nothing));
    scheduler.start();
    await quiet();
    expect(scheduler.state).toBe('stopped');
    expect(started()).toEqual(['c']);
    expect(handles.map(({ state }) => state)).toEqual(['ready', 'ready', 'running']);
  });

  test('from within a listener is kept when nothing runs any more, not before', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 4 });
    let stopped: Promise<void> | undefined;
    scheduler.on('task', ({ state }) => {
      if (state === 'running') stopped ??= scheduler.stop();
    });
    for (const id of ['a', 'b', 'c']) queue.submit({ id }, nothing);
    scheduler.start();
    await quiet();
    const [first, ...others] = executor.started;
    for (const attempt of others) attempt.done(1);
    expect(await isKept(stopped ?? Promise.resolve())).toBe(false);
    first?.done(1);
    await stopped;
  });

  test('from within an observer of a task starts nothing more', async () => {
    const { scheduler, queue, started } = manualQueue({ concurrency: 4 });
    const handles = ['a', 'b', 'c'].map((id) => queue.submit({ id }, nothing));
    const [, , newest] = handles;
    newest?.actor.subscribe((snapshot) => {
      if (snapshot.matches('running')) void scheduler.stop();
    });
    scheduler.start();
    await quiet();
    expect(started()).toEqual(['c']);
  });
});

describe('while running', () => {
  test('a task may submit more, to its own queue and to a new one', async () => {
    const { scheduler, queue } = oneQueue();
    const results: Handle<string>[] = [];
    const outer = queue.submit(() => {
      results.push(queue.submit(() => 'same queue'));
      results.push(
        scheduler.queue('added').submit((text: string) => `${text} and a new one`, results[0] as Handle<string>),
      );
      return 'outer';
    });
    scheduler.start();
    await scheduler.wait();
    expect(await outer.result()).toBe('outer');
    expect(await Promise.all(results.map((handle) => handle.result()))).toEqual([
      'same queue',
      'same queue and a new one',
    ]);
  });

  test('a task may submit more after an await, and a generator between its results', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 2 });
    const inner: Handle<string>[] = [];
    queue.submit(async () => {
      await quiet();
      inner.push(queue.submit(() => 'by a function'));
    });
    queue.submit(function* () {
      yield 1;
      inner.push(queue.submit(() => 'by a generator'));
      yield 2;
    });
    scheduler.start();
    await scheduler.wait();
    expect(inner.map(({ state }) => state)).toEqual(['done', 'done']);
    const texts = await Promise.all(inner.map((handle) => handle.result()));
    expect(texts.toSorted()).toEqual(['by a function', 'by a generator']);
  });

  test('a task may wait for one that it submits where there is a slot for that', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 2 });
    const outer = queue.submit(async () => `outer of ${await queue.submit(() => 'inner').result()}`);
    scheduler.start();
    expect(await outer.result()).toBe('outer of inner');
  });

  test('a chain of tasks, each of which submits the next, comes to its end', async () => {
    const { scheduler, queue } = oneQueue();
    let count = 0;
    const next = (): void => {
      count += 1;
      if (count < 2_000) queue.submit(next);
    };
    queue.submit(next);
    scheduler.start();
    await scheduler.wait();
    expect(count).toBe(2_000);
  });
});

describe('the state of the scheduler', () => {
  test('goes from stopped over busy to idle, and back', async () => {
    const { scheduler, queue } = oneQueue();
    const states: string[] = [scheduler.state];
    scheduler.on('scheduler', ({ state }) => states.push(state));
    queue.submit(nothing);
    scheduler.start();
    await scheduler.wait();
    await quiet();
    expect(scheduler.state).toBe('idle');
    queue.submit(nothing);
    await scheduler.wait();
    await scheduler.stop();
    await scheduler.close();
    expect(scheduler.state).toBe('closed');
    expect(states).toEqual(['stopped', 'busy', 'idle', 'busy', 'idle', 'stopped', 'closing', 'closed']);
  });
});

type Move = 'start' | 'stop' | 'turn' | 'submit' | 'end' | 'partial';

const moves = fc.array(
  fc.record({
    move: fc.constantFrom<Move>('start', 'stop', 'stop', 'turn', 'submit', 'submit', 'end', 'end', 'partial'),
    pick: fc.nat(20),
  }),
  { maxLength: 60, size: 'max' },
);

property([moves], { numRuns: scaledRuns(150) })(
  'for any storm of starts and stops, nothing starts while stopped, and everything runs once',
  async (storm) => {
    const executor = new ManualExecutor();
    const scheduler = new Scheduler();
    const queue = scheduler.queue('q', { concurrency: 2, executor });
    const handles: Handle<unknown>[] = [];
    const ended = new Set<string>();
    const stops: { readonly promise: Promise<void>; readonly running: readonly string[] }[] = [];
    const running = (): string[] => executor.started.map(({ id }) => id).filter((id) => !ended.has(id));
    const end = (id: string): void => {
      ended.add(id);
      executor.attemptAt(id).done(id);
    };
    for (const { move, pick } of storm) {
      const before = executor.started.length;
      const wasStopped = scheduler.state === 'stopped';
      if (move === 'start') scheduler.start();
      else if (move === 'stop') stops.push({ promise: scheduler.stop(), running: running() });
      else if (move === 'turn') await quiet();
      else if (move === 'submit') {
        const dependency = handles[handles.length - 1 - pick];
        handles.push(queue.submit({ after: dependency === undefined ? [] : [dependency] }, nothing));
      } else {
        const id = running()[pick % Math.max(1, running().length)];
        if (id === undefined) continue;
        if (move === 'end') end(id);
        else executor.attemptAt(id).partial(pick);
      }
      if (wasStopped && move !== 'start') expect(executor.started).toHaveLength(before);
      if (move === 'stop') expect(scheduler.state).toBe('stopped');
    }
    await quiet();
    for (const stop of stops) {
      const isOver = stop.running.every((id) => ended.has(id));
      expect(await isKept(stop.promise)).toBe(isOver);
    }
    scheduler.start();
    for (await quiet(); running().length > 0; await quiet()) for (const id of running()) end(id);
    await scheduler.wait();
    const started = executor.started.map(({ id }) => id);
    expect(started.toSorted()).toEqual(handles.map(({ id }) => id).toSorted());
    expect(executor.started.every(({ attempt }) => attempt === 1)).toBe(true);
    expect(handles.every(({ state }) => state === 'done')).toBe(true);
    await scheduler.close();
  },
);
