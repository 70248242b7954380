/** Failures by their causes, as the inspector tells them. */
import { expect, test } from 'vitest';
import { Scheduler } from '../../src/index.js';
import { DependencyFailed } from '../../src/core/failures.js';
import { FailureGroups } from '../../src/inspect/recorder/failure-groups.js';
import { recorded } from './recorded.js';

test('groups failures by their cause, numbers left out, dependents to the cause, and survives hostile errors', async () => {
  const scheduler = new Scheduler();
  const recorder = await recorded(scheduler);
  const queue = scheduler.queue('work', { concurrency: 1 });
  const failing = Array.from({ length: 3 }, (_, index) =>
    queue.submit({ id: `f${index}` }, (): number => {
      throw new RangeError(`port ${index} is closed`);
    }),
  );
  const dependents = failing.map((handle) => queue.submit((value: number) => value, handle));
  const hostile = queue.submit(() => {
    throw new Proxy(new Error('x'), {
      get() {
        throw new Error('trap');
      },
    });
  });
  scheduler.start();
  const good = queue.submit(() => 1);
  await Promise.allSettled([...failing, ...dependents, hostile, good].map((handle) => handle.result()));
  expect(recorder.failures.all).toHaveLength(2);
  const group = recorder.failures.all.find(({ cause }) => cause === 'RangeError: port … is closed');
  expect(group).toMatchObject({ count: 3, dependents: 3 });
  expect(group?.stack).toContain('port');
  // Not that of the one that is done.
  expect(recorder.works.size).toBe(7);
  await scheduler.close();
});

test('survives a failed dependency whose cause throws', () => {
  const groups = new FailureGroups();
  const error: unknown = Object.create(DependencyFailed.prototype, {
    root: {
      get: () => {
        throw new Error('hostile');
      },
    },
  });
  groups.add(1, error, 1);
  expect(groups.all).toMatchObject([{ dependents: 1 }]);
});
