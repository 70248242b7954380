/** Faults that happen in one process: each has the right outcome, and nothing that was accepted is lost. docs/testing.md lists them all. */
import { afterEach, describe, expect, test } from 'vitest';
import { type Attempt, type Executor, Scheduler } from '../../src/index.js';
import { ALL_FAULTS, check, type Monitor, monitor, simulate } from '../../src/testing/index.js';
import { SimulatedClock } from '../../src/testing/simulated-clock.js';
import { quiet } from '../support/event-loop.js';
import { ManualExecutor } from '../support/manual-executor.js';
import { scaledRuns } from '../support/property-runs.js';
import { refusalOf } from '../support/refusal.js';

const watches: Monitor[] = [];

afterEach(() => {
  for (const { violations } of watches.splice(0)) expect(violations).toEqual([]);
});

/** Every scheduler here is watched, and must break no invariant. */
function watched(options: ConstructorParameters<typeof Scheduler>[0] = {}): Scheduler {
  const scheduler = new Scheduler(options);
  watches.push(monitor(scheduler));
  return scheduler;
}

describe('an executor', () => {
  test('that throws fails its task, and the next one runs', async () => {
    let isFirst = true;
    const executor: Executor = {
      name: 'throwing',
      run(attempt) {
        if (!isFirst) return attempt.done(attempt.id);
        isFirst = false;
        throw new Error('cannot');
      },
      abort: () => undefined,
      close: () => Promise.resolve(),
    };
    const scheduler = watched();
    const queue = scheduler.queue('q', { concurrency: 1, executor });
    scheduler.start();
    const outcomes = [queue.submit({ id: 'b' }, work), queue.submit({ id: 'a' }, work)].map((task) => task.settled());
    expect((await Promise.all(outcomes)).map(({ status }) => status)).toEqual(['done', 'failed']);
    await scheduler.close();
  });

  test('that hangs has its task time out, and its slot come back when it answers at last', async () => {
    const [clock, executor] = [new SimulatedClock(), new ManualExecutor()];
    const scheduler = watched({ _environment: { clock, random: () => 0 } });
    const queue = scheduler.queue('q', { concurrency: 1, executor, timeoutMs: 10 });
    scheduler.start();
    const hanging = queue.submit({ id: 'hanging' }, work);
    await quiet();
    const next = queue.submit({ id: 'next' }, work);
    clock.advanceTo(10);
    expect((await hanging.settled()).status).toBe('failed');
    expect(next.state).toBe('ready');
    executor.attemptAt('hanging').failed(new Error('at last'));
    await quiet();
    executor.attemptAt('next').done(1);
    expect(await next.result()).toBe(1);
    await scheduler.close();
  });

  test('that answers twice and late is heard once', async () => {
    const executor = new ManualExecutor();
    const scheduler = watched();
    const queue = scheduler.queue('q', { concurrency: 1, executor, retry: { attempts: 2 } });
    scheduler.start();
    const task = queue.submit({ id: 'a' }, work);
    await quiet();
    const first: Attempt = executor.attemptAt('a');
    first.failed(new Error('once'));
    await quiet();
    first.done('late');
    first.failed(new Error('twice'));
    const second = executor.attemptAt('a');
    second.done('right');
    second.done('wrong');
    second.failed(new Error('wrong'));
    expect(await task.result()).toBe('right');
    expect(second.attempt).toBe(2);
    await quiet();
    expect(scheduler._counts['staleReports']).toBe(4);
    await scheduler.close();
  });
});

test('a generator that throws midway keeps what it delivered, and fails the rest', async () => {
  const scheduler = watched();
  const queue = scheduler.queue('q', { concurrency: 2 });
  scheduler.start();
  const stream = queue.submit({ id: 's', results: 3 }, function* () {
    yield 1;
    throw new Error('midway');
  });
  const first = queue.submit({ id: 'first' }, (value: number) => value, stream.at(0));
  const second = queue.submit({ id: 'second' }, (value: number) => value, stream.at(1));
  expect(await first.result()).toBe(1);
  await expect(second.result()).rejects.toMatchObject({ code: 'DependencyFailed', tasks: ['second', 's'] });
  await scheduler.close().catch(() => undefined);
});

test('a demand over the capacity is refused, and the queue goes on', async () => {
  const scheduler = watched();
  const queue = scheduler.queue('q', { concurrency: 1, resources: { mem: 1 } });
  expect(refusalOf(() => queue.submit({ resources: { mem: 2 } }, work))).toMatchObject({ code: 'DemandOverCapacity' });
  scheduler.start();
  expect(await queue.submit({ resources: { mem: 1 } }, () => 1).result()).toBe(1);
  await scheduler.close();
});

test('stop during a partial result lets the stream end, and its dependents start after the next start', async () => {
  const executor = new ManualExecutor();
  const scheduler = watched();
  const queue = scheduler.queue('q', { concurrency: 2, executor });
  scheduler.start();
  const stream = queue.stream({ id: 's', results: 2 }, () => [1, 2]);
  queue.submit({ id: 'first' }, work, stream.at(0));
  await quiet();
  scheduler.on('partial', ({ index }) => {
    if (index === 0) void scheduler.stop();
  });
  executor.attemptAt('s').partial(1);
  executor.attemptAt('s').partial(2);
  executor.attemptAt('s').done(undefined);
  await quiet();
  expect(executor.started.map(({ id }) => id)).toEqual(['s']);
  expect(await stream.result()).toEqual([1, 2]);
  scheduler.start();
  await quiet();
  executor.attemptAt('first').done(1);
  await scheduler.close();
});

test('storms of stop and start start nothing twice, and lose nothing', async () => {
  const scheduler = watched();
  const queue = scheduler.queue('q', { concurrency: 2 });
  const started: number[] = [];
  const handles = Array.from({ length: 100 }, (_, index) =>
    queue.submit(async () => {
      started.push(index);
      await Promise.resolve();
      return index;
    }),
  );
  scheduler.start();
  for (let turn = 0; turn < 2_000; turn += 1) {
    void scheduler.stop();
    if (turn % 3 === 0) await Promise.resolve();
    scheduler.start();
  }
  expect(await Promise.all(handles.map((handle) => handle.result()))).toEqual(handles.map((_, index) => index));
  expect(started.toSorted((a, b) => a - b)).toEqual(handles.map((_, index) => index));
  await scheduler.close();
});

test('whether the timeout or the completion comes first, a task settles once', () => {
  const task = { id: 'a', queue: 'q', deps: [], duration: 3, timeout: 3 };
  const outcomes = new Set<string>();
  for (let seed = 0; seed < 40; seed += 1) {
    const { trace, scenario } = simulate({ queues: [{ name: 'q', concurrency: 1 }], tasks: [task] }, { seed });
    expect(check(trace, scenario).holds).toBe(true);
    outcomes.add(trace.find(({ event }) => event === 'done' || event === 'failed')?.event ?? 'none');
  }
  expect([...outcomes].toSorted()).toEqual(['done', 'failed']);
});

test('a task that submits tasks for ever-deeper levels leaves nothing behind', async () => {
  const scheduler = watched();
  const queue = scheduler.queue('q', { concurrency: 1 });
  const grow = (depth: number): unknown => {
    if (depth > 0) queue.submit(grow, depth - 1);
    return depth;
  };
  scheduler.start();
  queue.submit(grow, 500);
  await scheduler.wait();
  expect(scheduler._unsettled).toEqual([]);
  await scheduler.close();
});

test('a clock that jumps back and forth loses no timeout and no retry', async () => {
  const executor = new ManualExecutor();
  const clock = new SimulatedClock();
  let shiftMs = 0;
  const jumping = { now: () => clock.now() + shiftMs, after: clock.after.bind(clock) };
  const scheduler = watched({ _environment: { clock: jumping, random: () => 0 } });
  const retry = { attempts: 3, backoffMs: 5 };
  const queue = scheduler.queue('q', { concurrency: 1, executor, timeoutMs: 10, retry });
  scheduler.start();
  const task = queue.submit({ id: 'a' }, work);
  for (let step = 0; step < 400 && task.state !== 'failed'; step += 1) {
    await quiet();
    shiftMs = [0, -40, 25, -7][step % 4] ?? 0;
    clock.advanceTo(clock.now() + 5);
    await quiet();
    const last = executor.started.at(-1);
    if (last?.signal.aborted === true) last.failed(new Error('ended'));
  }
  await expect(task.result()).rejects.toMatchObject({ code: 'TaskTimedOut' });
  expect(executor.started).toHaveLength(3);
  await scheduler.close();
});

test('a hundred thousand tasks that are cancelled at once settle, and others run', async () => {
  const scheduler = new Scheduler();
  const queue = scheduler.queue('q', { concurrency: 1 });
  const handles = Array.from({ length: 100_000 }, () => queue.submit(work));
  scheduler.start();
  for (const handle of handles) handle.cancel();
  expect(scheduler._unsettled).toEqual([]);
  expect(await queue.submit(() => 'on').result()).toBe('on');
  await scheduler.close();
});

test('a hold that is never released stalls what needs the slot, and says who has it', async () => {
  const scheduler = watched();
  const queue = scheduler.queue('q', { concurrency: 1 });
  const holder = queue.submit({ id: 'holder', hold: true }, () => 1);
  queue.submit({ id: 'needy', after: [holder] }, work);
  scheduler.start();
  await expect(scheduler.wait()).rejects.toMatchObject({ code: 'Stalled', tasks: ['needy'] });
  await expect(scheduler.wait()).rejects.toThrow('held by holder');
  queue.set({ concurrency: 2 });
  await scheduler.wait();
  await scheduler.close();
});

// A million in `npm run test:deep`.
test('a chain of a hundred thousand tasks comes to its end', async () => {
  const length = Math.min(1_000_000, scaledRuns(100_000));
  const scheduler = new Scheduler();
  const queue = scheduler.queue('q', { concurrency: 1 });
  const add = (value: number): number => value + 1;
  let last = queue.submit(() => 1);
  for (let count = 1; count < length; count += 1) last = queue.submit(add, last);
  scheduler.start();
  expect(await last.result()).toBe(length);
  await scheduler.close();
});

test('all faults together, on either interpreter, break no invariant', () => {
  const tasks = ['a', 'b', 'c', 'd', 'e'].map((id, place, ids) => ({
    id,
    queue: 'q',
    deps: ids.slice(Math.max(0, place - 2), place),
    duration: 2,
  }));
  for (let seed = 0; seed < 60; seed += 1) {
    const interpreter = seed % 3 === 0 ? 'xstate' : 'compiled';
    const options = { seed, faults: ALL_FAULTS, interpreter } as const;
    const { trace, scenario } = simulate({ queues: [{ name: 'q', concurrency: 2 }], tasks }, options);
    expect(check(trace, scenario).holds).toBe(true);
  }
});

function work(..._values: readonly unknown[]): unknown {
  return undefined;
}
