import { describe, expect, onTestFinished, test } from 'vitest';
import { type Queue, Scheduler, type StreamHandle } from '../../src/index.js';
import { collectGarbage } from '../support/collect-garbage.js';
import { quiet } from '../support/event-loop.js';
import { Gate } from '../support/gate.js';

const TASKS = 50;

/** What the scheduler may still be working on, or has worked on last. */
const MOST_KEPT = 2;

/** Results whose lives are watched. */
class Watched {
  readonly #made: WeakRef<object>[] = [];

  readonly make = (): object => {
    const result = { pixels: new Uint8Array(1000) };
    this.#made.push(new WeakRef(result));
    return result;
  };

  async alive(): Promise<number> {
    await collectGarbage();
    return this.#made.filter((result) => result.deref() !== undefined).length;
  }
}

function started(): Scheduler {
  const scheduler = new Scheduler();
  onTestFinished(() => scheduler.close());
  scheduler.start();
  return scheduler;
}

test.each(['done', 'failed'])(
  'a task with an id that is %s keeps its result no longer than its handle',
  async (end) => {
    const queue = started().queue('q', { concurrency: 2 });
    const watched = new Watched();
    const run = (): object => {
      if (end === 'failed') throw new Error('no', { cause: watched.make() });
      return watched.make();
    };
    for (let index = 1; index < TASKS; index += 1) await queue.submit({ id: `task ${index}` }, run).settled();
    const last = queue.submit({ id: 'last' }, run);
    const outcome = await last.settled();
    expect(await watched.alive()).toBeLessThanOrEqual(MOST_KEPT);
    expect(await last.settled()).toBe(outcome);
  },
);

test('a task that was cancelled while it followed another keeps nothing of that one', async () => {
  const queue = started().queue('q', { concurrency: TASKS });
  const watched = new Watched();
  const gate = new Gate();
  const followed = async (): Promise<object> => {
    await gate.promise;
    return watched.make();
  };
  const followers = Array.from({ length: TASKS }, () => queue.submit(() => queue.submit(followed)));
  await quiet();
  for (const follower of followers) follower.cancel();
  gate.open();
  await quiet();
  expect(await watched.alive()).toBeLessThanOrEqual(MOST_KEPT);
  expect(followers.map(({ state }) => state)).toEqual(followers.map(() => 'cancelled'));
});

test('a task that is done keeps nothing of what it was made of', async () => {
  const queue = started().queue('q', { concurrency: 2 });
  const watched = new Watched();
  let last = queue.submit(watched.make);
  for (let index = 1; index < TASKS; index += 1) last = queue.submit({ after: [last] }, watched.make);
  await last.result();
  expect(await watched.alive()).toBeLessThanOrEqual(MOST_KEPT);
  expect(last.state).toBe('done');
});

describe('a feed that takes the results of a task with ahead', () => {
  test('keeps neither them nor the tasks made of them, while the handle is held', async () => {
    const scheduler = started();
    const produce = scheduler.queue('produce', { concurrency: 1 });
    const consume = scheduler.queue('consume', { concurrency: 2 });
    const watched = new Watched();
    const source = produce.stream({ ahead: 4 }, function* () {
      for (let index = 0; index < TASKS; index += 1) yield watched.make();
    });
    const feed = consume.from(source, (result) => Object.keys(result).length, { collect: false });
    expect(await feed.done()).toMatchObject({ count: TASKS });
    expect(await watched.alive()).toBeLessThanOrEqual(MOST_KEPT);
    expect(source.state).toBe('done');
  });

  test('refuses them to everybody else, whole or one by one, before and after the end', async () => {
    const scheduler = started();
    const produce = scheduler.queue('produce', { concurrency: 1 });
    const consume = scheduler.queue('consume', { concurrency: 1 });
    const gate = new Gate();
    const source = produce.stream({ id: 's', ahead: 2 }, function* () {
      yield* [0, 1, 2, 3];
    });
    const feed = consume.from(source, (value) => (value === 1 ? gate.promise.then(() => value) : value), { ahead: 0 });
    await quiet();
    const refused = async (): Promise<void> => {
      expect(source.at(0).state).toBe('done');
      for (const handle of [source, source.at(0), source.at(1)]) {
        await expect(handle.result()).rejects.toMatchObject({ code: 'ResultReleased', tasks: ['s'] });
      }
      const dependent = consume.submit(echo, source.at(1));
      await expect(dependent.result()).rejects.toMatchObject({
        code: 'DependencyFailed',
        cause: { code: 'ResultReleased' },
      });
      await expect(source[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'ResultReleased' });
    };
    await refused();
    expect(await source.at(2).result()).toBe(2);
    gate.open();
    await feed.done();
    await refused();
  });

  test.each([
    ['a dependent on one of them', (queue: Queue, source: StreamHandle<number>) => queue.submit(echo, source.at(1))],
    ['a dependent on the whole', (queue: Queue, source: StreamHandle<number>) => queue.submit(sum, source)],
    ['somebody who waits for the whole', (_: Queue, source: StreamHandle<number>) => void source.result()],
    ['another reader', (_: Queue, source: StreamHandle<number>) => void source[Symbol.asyncIterator]().next()],
  ])('releases none that %s may want', async (_, want) => {
    const scheduler = started();
    const produce = scheduler.queue('produce', { concurrency: 1 });
    const source = produce.stream({ ahead: 2 }, () => [1, 2, 3]);
    const consume = scheduler.queue('consume');
    want(consume, source);
    const feed = consume.from(source, echo);
    expect((await feed.done()).results).toEqual([1, 2, 3]);
    await scheduler.wait();
    expect(await source.result()).toEqual([1, 2, 3]);
  });
});

function echo(value: number): number {
  return value;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
