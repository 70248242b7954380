/** Which stop waits for which attempts, without a scheduler: the number of the present period stands in each attempt. */
import { expect, test } from 'vitest';
import { RunPeriods } from '../../src/runtime/run-periods.js';
import { quiet } from '../support/event-loop.js';

/** Periods, and the names of the stops that have been answered. */
function periods() {
  const answered: string[] = [];
  const run = new RunPeriods(() => answered.push('an attempt has ended'));
  const stop = (name: string, running: number, isNewPeriod: boolean): Promise<void> => {
    const promise = run.end(running, isNewPeriod);
    void promise.then(() => answered.push(name));
    return promise;
  };
  return { run, stop, answered };
}

test('a stop is answered by the last attempt of its time, not by one of a later period', async () => {
  const { run, stop, answered } = periods();
  void stop('first', 2, true);
  run.ended({ epoch: 0 });
  run.ended({ epoch: 1 });
  await quiet();
  expect(answered).not.toContain('first');
  void stop('second', 2, true);
  run.ended({ epoch: 0 });
  await quiet();
  expect(answered).toContain('first');
  expect(answered).not.toContain('second');
  run.ended({ epoch: 1 });
  await quiet();
  expect(answered).toContain('second');
  expect(run.epoch).toBe(2);
});

test('a stop without a start in between is the same stop, until that has been answered', async () => {
  const { run, stop, answered } = periods();
  const first = stop('first', 1, true);
  expect(stop('again', 1, false)).toBe(first);
  run.ended({ epoch: 0 });
  void stop('later', 1, false);
  await quiet();
  expect(answered).toEqual(['an attempt has ended', 'first', 'again']);
});

test('a stop while nothing runs is answered at once and begins no period', async () => {
  const { run, stop, answered } = periods();
  void stop('idle', 0, true);
  await quiet();
  expect(answered).toEqual(['idle']);
  expect(run.epoch).toBe(0);
});
