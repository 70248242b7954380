/** Readers that leave before the end, and functions that wait for tasks which cannot move without them. */
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Handle } from '../../src/index.js';
import { quiet } from '../support/event-loop.js';
import { Gate } from '../support/gate.js';
import { manualQueue, oneQueue } from '../support/one-queue.js';
import { refusalOf } from '../support/refusal.js';

const nothing = (): void => undefined;

describe('leaving a stream with cancelOnReturn', () => {
  function reading() {
    const { scheduler, queue } = oneQueue({ concurrency: 2 });
    const stream = queue.stream({ id: 's' }, async function* () {
      yield 0;
      await new Promise(nothing);
    });
    scheduler.start();
    return { scheduler, queue, stream };
  }

  async function leave(stream: ReturnType<typeof reading>['stream'], cancelOnReturn = true): Promise<string> {
    for await (const _ of stream.iterator({ cancelOnReturn })) break;
    await quiet();
    return stream.state;
  }

  test('cancels it, and says why', async () => {
    const { stream } = reading();
    expect(await leave(stream)).toBe('cancelled');
    expect(await stream.settled()).toEqual({ status: 'cancelled', reason: 'its reader has left' });
  });

  test.each<[string, (bench: ReturnType<typeof reading>) => unknown]>([
    ['a task depends on it', ({ queue, stream }) => queue.submit((values: number[]) => values, stream)],
    ['a task depends on a result that is still to come', ({ queue, stream }) => queue.submit(Number, stream.at(1))],
    ['somebody waits for its end', ({ stream }) => stream.settled()],
  ])('leaves it alone while %s', async (_, need) => {
    const bench = reading();
    need(bench);
    expect(await leave(bench.stream)).toBe('partial');
  });

  test('leaves it alone while another one reads it, and where nothing was said', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 2 });
    const stream = queue.stream({ id: 's', ahead: 2 }, async function* () {
      yield 0;
      await new Promise(nothing);
    });
    scheduler.start();
    const other = stream.iterator({ cancelOnReturn: true });
    await other.next();
    expect(await leave(stream)).toBe('partial');
    await other.return();
    await quiet();
    expect(stream.state).toBe('cancelled');
    const plain = reading();
    expect(await leave(plain.stream, false)).toBe('partial');
  });

  test('is refused under another name', () => {
    const { stream } = reading();
    expect(refusalOf(() => stream.iterator({ cancel: true } as object)).message).toBe(
      'iterator has no option cancel. Its options are cancelOnReturn',
    );
  });

  test('means nothing at the end', async () => {
    const { scheduler, queue } = oneQueue();
    const stream = queue.stream(() => [0, 1]);
    scheduler.start();
    const values: number[] = [];
    for await (const value of stream.iterator({ cancelOnReturn: true })) values.push(value);
    expect([values, stream.state]).toEqual([[0, 1], 'done']);
  });
});

test('leaving asCompleted with cancelOnReturn cancels what nothing else needs', async () => {
  const { scheduler, queue, executor } = manualQueue({ concurrency: 3 });
  const [first, second, third] = ['a', 'b', 'c'].map((id) => queue.submit({ id }, nothing)) as [
    Handle<void>,
    Handle<void>,
    Handle<void>,
  ];
  const dependent = queue.submit({ id: 'd', after: [third] }, nothing);
  scheduler.start();
  executor.attemptAt('a').done(undefined);
  for await (const handle of scheduler.asCompleted([first, second, third], { cancelOnReturn: true })) {
    expect(handle).toBe(first);
    break;
  }
  expect([second.state, third.state, dependent.state]).toEqual(['cancelled', 'running', 'pending']);
});

test('leaving asCompleted of partial results forgets who waited for them, and nobody else', async () => {
  const { scheduler, queue } = oneQueue();
  const [gate, other] = [new Gate(), new Gate()];
  const stream = queue.stream(async function* () {
    yield 0;
    await gate.promise;
    yield 1;
    await other.promise;
    yield 2;
  });
  scheduler.start();
  const kept = stream.at(1).result();
  for await (const handle of scheduler.asCompleted([stream.at(0), stream.at(1), stream.at(2)])) {
    expect(await handle.result()).toBe(0);
    break;
  }
  gate.open();
  expect(await kept).toBe(1);
  other.open();
  expect(await stream.result()).toEqual([0, 1, 2]);
});

describe('a function that waits for a task which needs its slot', () => {
  const stalled = { code: 'Stalled' };

  /** Something else runs all the while, so that the scheduler is not stalled. */
  function busy() {
    const { scheduler, queue } = oneQueue();
    const other = scheduler.queue('r', { concurrency: 2 });
    const end = new Gate();
    onTestFinished(() => end.open());
    other.submit({ id: 'elsewhere' }, () => end.promise);
    return { scheduler, queue, other };
  }

  test('goes on waiting while something that the task depends on can move, and no longer', async () => {
    const { scheduler, queue, other } = busy();
    const gate = new Gate();
    let inner: Handle<void> | undefined;
    const outer = queue.submit({ id: 'outer' }, async () => {
      const before = other.submit({ id: 'before' }, () => gate.promise);
      inner = queue.submit({ id: 'inner', after: [before] }, nothing);
      await inner.result();
    });
    scheduler.start();
    await quiet();
    expect([outer.state, inner?.state]).toEqual(['running', 'pending']);
    gate.open();
    expect(await outer.settled()).toMatchObject({ status: 'failed', error: stalled });
    await inner?.result();
  });

  test('is told also where that task follows another one', async () => {
    const { scheduler, queue, other } = busy();
    const outer = queue.submit({ id: 'outer' }, async () => {
      await other.submit({ id: 'inner' }, () => queue.submit({ id: 'followed' }, () => 1)).result();
    });
    scheduler.start();
    expect(await outer.settled()).toMatchObject({ status: 'failed', error: stalled });
  });

  test('is not told while the task waits for its next attempt', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 2 });
    let attempts = 0;
    const outer = queue.submit({ id: 'outer' }, async () => {
      const retry = { attempts: 2, backoffMs: 1 };
      const inner = queue.submit({ id: 'inner', retry }, () => {
        attempts += 1;
        if (attempts === 1) throw new Error('once');
        return attempts;
      });
      return inner.result();
    });
    scheduler.start();
    expect(await outer.result()).toBe(2);
  });

  test('is not told while a slot is taken by a function that waits for nothing', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 2 });
    const gate = new Gate();
    queue.submit({ id: 'other' }, () => gate.promise);
    const outer = queue.submit({ id: 'outer' }, () => queue.submit({ id: 'inner' }, () => 7).result());
    scheduler.start();
    await quiet();
    expect(outer.state).toBe('running');
    expect(outer.why().message).toContain('inner');
    gate.open();
    expect(await outer.result()).toBe(7);
  });
});
