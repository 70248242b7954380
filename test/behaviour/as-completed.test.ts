/** Handles in the order in which they settle. */
import { describe, expect, test } from 'vitest';
import type { Handle, Scheduler } from '../../src/index.js';
import { isKept, quiet } from '../support/event-loop.js';
import { manualQueue, oneQueue } from '../support/one-queue.js';
import { refusalOf } from '../support/refusal.js';

const nothing = (): void => undefined;
const pass = (value: unknown): unknown => value;

async function idsOf(handles: AsyncIterable<Handle<unknown>>): Promise<string[]> {
  const ids: string[] = [];
  for await (const handle of handles) ids.push(handle.id);
  return ids;
}

function submitted(
  count: number,
  { concurrency = count } = {},
): ReturnType<typeof manualQueue> & {
  readonly handles: readonly Handle<unknown>[];
} {
  const manual = manualQueue({ concurrency });
  const handles = Array.from({ length: count }, (_, index) => manual.queue.submit({ id: `t${index}` }, nothing));
  return { ...manual, handles };
}

describe('asCompleted', () => {
  test('gives the handles in the order in which they settle, each as soon as it has', async () => {
    const { scheduler, executor, handles } = submitted(3);
    scheduler.start();
    await quiet();
    const reader = scheduler.asCompleted(handles)[Symbol.asyncIterator]();
    const first = reader.next();
    expect(await isKept(first)).toBe(false);
    executor.attemptAt('t1').done(1);
    expect((await first).value).toBe(handles[1]);
    executor.attemptAt('t2').done(1);
    executor.attemptAt('t0').done(1);
    expect((await reader.next()).value).toBe(handles[2]);
    expect((await reader.next()).value).toBe(handles[0]);
    expect(await reader.next()).toEqual({ done: true, value: undefined });
  });

  test('gives those that have settled already first, as they were given', async () => {
    const { scheduler, executor, handles } = submitted(4);
    scheduler.start();
    await quiet();
    executor.attemptAt('t3').done(1);
    executor.attemptAt('t1').done(1);
    const ids = idsOf(scheduler.asCompleted(handles));
    executor.attemptAt('t2').done(1);
    executor.attemptAt('t0').done(1);
    expect(await ids).toEqual(['t1', 't3', 't2', 't0']);
  });

  test('watches from the call on, though it is read later', async () => {
    const { scheduler, executor, handles } = submitted(3);
    scheduler.start();
    await quiet();
    const completed = scheduler.asCompleted(handles);
    for (const id of ['t2', 't0', 't1']) executor.attemptAt(id).done(1);
    expect(await idsOf(completed)).toEqual(['t2', 't0', 't1']);
  });

  test('gives a handle once, though it is given twice', async () => {
    const { scheduler, executor, handles } = submitted(2);
    scheduler.start();
    await quiet();
    for (const id of ['t0', 't1']) executor.attemptAt(id).done(1);
    expect(await idsOf(scheduler.asCompleted([...handles, ...handles]))).toEqual(['t0', 't1']);
  });

  test('takes handles of partial results, and any iterable', async () => {
    const { scheduler, queue, executor } = submitted(0, { concurrency: 2 });
    const stream = queue.stream({ id: 's' }, () => [1]);
    const other = queue.submit({ id: 'other' }, nothing);
    scheduler.start();
    await quiet();
    const ids = idsOf(scheduler.asCompleted(new Set([stream, stream.at(2), other, stream.at(1), stream.at(0)])));
    executor.attemptAt('s').partial(0);
    executor.attemptAt('other').done(1);
    executor.attemptAt('s').partial(1);
    executor.attemptAt('s').done(undefined);
    expect((await ids).slice(0, 3)).toEqual(['s#0', 'other', 's#1']);
    // The end of the stream settles both at once.
    expect((await ids).slice(3).toSorted()).toEqual(['s', 's#2']);
  });

  test('of nothing is over at once', async () => {
    const { scheduler } = submitted(0, { concurrency: 1 });
    expect(await idsOf(scheduler.asCompleted([]))).toEqual([]);
  });

  test('gives failures and cancellations as well, and counts as looking at them', async () => {
    const { scheduler, queue, executor, handles } = submitted(3);
    const dependent = queue.submit({ id: 'dependent' }, pass, handles[0]);
    const ids = idsOf(scheduler.asCompleted([...handles, dependent]));
    scheduler.start();
    await quiet();
    executor.attemptAt('t0').failed(new RangeError('x'));
    handles[1]?.cancel();
    for (const id of ['t1', 't2']) executor.attemptAt(id).done(1);
    expect((await ids).toSorted()).toEqual(['dependent', 't0', 't1', 't2']);
    await scheduler.wait();
  });

  test('may be left before its end', async () => {
    const { scheduler, executor, handles } = submitted(2);
    scheduler.start();
    await quiet();
    executor.attemptAt('t0').done(1);
    for await (const handle of scheduler.asCompleted(handles)) {
      expect(handle).toBe(handles[0]);
      break;
    }
    executor.attemptAt('t1').failed(new RangeError('x'));
    await scheduler.wait();
    expect(handles.map(({ state }) => state)).toEqual(['done', 'failed']);
  });

  test('can be read again', async () => {
    const { scheduler, executor, handles } = submitted(2);
    scheduler.start();
    await quiet();
    const completed: ReturnType<Scheduler['asCompleted']> = scheduler.asCompleted(handles);
    const both = [idsOf(completed), idsOf(completed)];
    await quiet();
    for (const id of ['t1', 't0']) executor.attemptAt(id).done(1);
    expect(await Promise.all(both)).toEqual([
      ['t1', 't0'],
      ['t1', 't0'],
    ]);
  });

  test('that two read is left by one of them to the other', async () => {
    const { scheduler, executor, handles } = submitted(2);
    scheduler.start();
    await quiet();
    const completed: ReturnType<Scheduler['asCompleted']> = scheduler.asCompleted(handles);
    const stays = completed[Symbol.asyncIterator]();
    executor.attemptAt('t0').done(1);
    expect((await stays.next()).value).toBe(handles[0]);
    for await (const _ of completed) break;
    const second = stays.next();
    executor.attemptAt('t1').done(1);
    expect((await second).value).toBe(handles[1]);
  });

  test('begins anew where it was left, and watches again', async () => {
    const { scheduler, executor, handles } = submitted(3);
    scheduler.start();
    await quiet();
    const completed: ReturnType<Scheduler['asCompleted']> = scheduler.asCompleted(handles);
    executor.attemptAt('t2').done(1);
    for await (const _ of completed) break;
    const ids = idsOf(completed);
    await quiet();
    for (const id of ['t1', 't0']) executor.attemptAt(id).done(1);
    expect(await ids).toEqual(['t2', 't1', 't0']);
  });

  test('that two read with cancelOnReturn cancels what is left once the second has gone', async () => {
    const { scheduler, executor, handles } = submitted(2);
    scheduler.start();
    await quiet();
    const completed = scheduler.asCompleted(handles, { cancelOnReturn: true });
    const [first, second] = [completed[Symbol.asyncIterator](), completed[Symbol.asyncIterator]()];
    executor.attemptAt('t0').done(1);
    for (const reader of [first, second]) expect(await reader.next()).toMatchObject({ value: handles[0] });
    await first.return?.();
    expect(handles[1]?.state).toBe('running');
    await second.return?.();
    expect(handles[1]?.state).toBe('cancelled');
  });

  test('tells a stall to who waits, and goes on for who did not', async () => {
    const { scheduler, queue } = oneQueue();
    const held = scheduler.queue('held', { concurrency: 1 });
    const holder = held.submit({ id: 'holder', hold: true }, nothing);
    const stuck = held.submit({ id: 'stuck', priority: -1 }, nothing);
    const completed: ReturnType<Scheduler['asCompleted']> = scheduler.asCompleted([holder, stuck]);
    const [patient, waiting] = [completed[Symbol.asyncIterator](), completed[Symbol.asyncIterator]()];
    scheduler.start();
    expect([await patient.next(), await waiting.next()]).toMatchObject([{ value: holder }, { value: holder }]);
    await expect(waiting.next()).rejects.toMatchObject({ code: 'Stalled' });
    queue.submit({ release: [holder] }, nothing);
    expect((await patient.next()).value).toBe(stuck);
  });

  test('refuses the handle of another scheduler, and options that it does not have', () => {
    const { scheduler } = submitted(0, { concurrency: 1 });
    const foreign = manualQueue().queue.submit({ id: 'foreign' }, nothing);
    expect(refusalOf(() => scheduler.asCompleted([foreign]))).toMatchObject({
      code: 'ForeignHandle',
      message: 'task foreign belongs to another scheduler',
      tasks: ['foreign'],
    });
    expect(refusalOf(() => scheduler.asCompleted([], { cancel: true } as object)).message).toBe(
      'asCompleted has no option cancel. Its options are cancelOnReturn',
    );
    for (const wrong of [null, 'foreign', {}]) {
      expect(refusalOf(() => scheduler.asCompleted([wrong as never])).code).toBe('InvalidArgument');
    }
  });
});
