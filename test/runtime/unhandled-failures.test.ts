/** The failures that nobody has looked at: which of them are reported, once, and how many at most. */
import { describe, expect, test } from 'vitest';
import { TaskCancelled } from '../../src/index.js';
import type { Outcome } from '../../src/core/outcome.js';
import { type Failing, UnhandledFailures } from '../../src/runtime/tasks/unhandled-failures.js';

const failed = (error: unknown): Outcome => ({ status: 'failed', error });

function failing(id: string, failedFor?: Failing, outcome: Outcome | undefined = failed(`${id} fails`)): Failing {
  return { id, outcome, isLookedAt: false, failedIn: -1, failedFor };
}

function listOf(...all: readonly Failing[]): UnhandledFailures {
  const list = new UnhandledFailures(() => undefined);
  for (const each of all) list.add(each);
  return list;
}

describe('failures that nobody has looked at', () => {
  test('are reported together and in order, and only once', () => {
    const all = [failing('a'), failing('b')];
    const list = listOf(...all);
    const error = list.take();
    expect([error?.tasks, error?.errors]).toEqual([
      ['a', 'b'],
      ['a fails', 'b fails'],
    ]);
    expect([error?.count, all.map(({ isLookedAt }) => isLookedAt), list.take()]).toEqual([2, [true, true], undefined]);
  });

  test('are reported as what they ended with', () => {
    const list = listOf(
      failing('cancelled', undefined, { status: 'cancelled', reason: 'enough' }),
      failing('feed', undefined, { status: 'done', result: 1 }),
    );
    list.add({ ...failing('unsettled'), outcome: undefined });
    const [cancelled, ...others] = list.take()?.errors ?? [];
    expect(cancelled).toBeInstanceOf(TaskCancelled);
    expect(cancelled).toMatchObject({
      tasks: ['cancelled'],
      message: new TaskCancelled('cancelled', 'enough').message,
    });
    expect(others).toEqual([undefined, undefined]);
  });

  test('are not those that were looked at before they came, or before they were to be reported', () => {
    const [early, late, left] = [failing('early'), failing('late'), failing('left')];
    const list = listOf();
    list.lookAt(early);
    for (const each of [early, late, left]) list.add(each);
    list.lookAt(late);
    list.lookAt(late);
    const error = list.take();
    expect([error?.tasks, error?.count]).toEqual([['left'], 1]);
  });

  test('are none where all were looked at', () => {
    const all = [failing('a'), failing('b')];
    const list = listOf(...all);
    for (const each of all) list.lookAt(each);
    expect(list.take()).toBeUndefined();
  });

  test('are not those that led to one which was looked at', () => {
    const root = failing('root');
    const middle = failing('middle', root);
    const last = failing('last', middle);
    const list = listOf(root, middle, failing('apart'), last);
    list.lookAt(last);
    const error = list.take();
    expect([error?.tasks, error?.count]).toEqual([['apart'], 1]);
  });

  test('are not those that led to one whose end is awaited when it comes', () => {
    const root = failing('root');
    const awaited = failing('awaited', root);
    awaited.isLookedAt = true;
    const list = listOf(root, awaited);
    expect([root.isLookedAt, list.take()]).toEqual([true, undefined]);
  });

  test('of an earlier report take nothing from the next when they are looked at', () => {
    const list = listOf();
    const before = Array.from({ length: 1_001 }, (_, n) => failing(`before ${n}`));
    for (const each of before) list.add(each);
    expect(list.take()?.count).toBe(1_001);
    list.add(failing('next'));
    for (const each of before) list.lookAt(each);
    expect(list.take()).toMatchObject({ count: 1, tasks: ['next'] });
  });

  test('are as many as before when one is looked at that never was among them', () => {
    const list = listOf(failing('before'));
    list.take();
    list.add(failing('next'));
    list.lookAt(failing('never'));
    expect(list.take()?.count).toBe(1);
  });

  test('are listed up to a thousand, and counted beyond', () => {
    let told = 0;
    const list = new UnhandledFailures(() => void (told += 1));
    const all = Array.from({ length: 1_002 }, (_, n) => failing(`t${n}`));
    for (const each of all.slice(0, 999)) list.add(each);
    expect(told).toBe(0);
    for (const each of all.slice(999)) list.add(each);
    expect(told).toBe(1);
    list.lookAt(all[1_001] ?? failing('none'));
    const error = list.take();
    expect([error?.count, error?.tasks.length, error?.tasks.at(-1)]).toEqual([1_001, 1_000, 't999']);
  });
});
