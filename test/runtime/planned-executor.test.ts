/** The executor of plans by itself: what it reports, in which order, and what its clock shows. */
import { expect, test } from 'vitest';
import type { Attempt } from '../../src/core/ports.js';
import { type Course, PlannedExecutor } from '../../src/runtime/planning/planned-executor.js';

/** An executor of these tasks, and everything that it has said. */
function planned(courses: Readonly<Record<string, Course>>) {
  const said: string[] = [];
  const executor = new PlannedExecutor(
    (id) => courses[id] ?? { ms: 0, results: 0 },
    (id, startMs, endMs) => said.push(`${id} from ${startMs} to ${endMs}`),
  );
  const { clock } = executor.environment;
  const attemptAt = (id: string): Attempt => {
    const note = (what: string) => (): undefined => void said.push(`${id} ${what} at ${clock.now()}`);
    return { id, partial: note('partial'), done: note('done'), failed: note('failed') } as unknown as Attempt;
  };
  return { executor, said, attemptAt };
}

test('reports come in the order of their times, with partial results evenly spread', () => {
  const { executor, said, attemptAt } = planned({ a: { ms: 8, results: 2 }, b: { ms: 6, results: 0 } });
  executor.run(attemptAt('a'));
  executor.run(attemptAt('b'));
  let count = 0;
  while (executor.next()) count += 1;
  expect(count).toBe(4);
  expect(said).toEqual([
    'a from 0 to 8',
    'b from 0 to 6',
    'a partial at 4',
    'b done at 6',
    'a partial at 8',
    'a done at 8',
  ]);
});

test('reports of one time come in the order of the starts, however many there are', () => {
  const { executor, said, attemptAt } = planned({});
  const ids = Array.from({ length: 20 }, (_, place) => `t${place}`);
  for (const id of ids) executor.run(attemptAt(id));
  said.length = 0;
  while (executor.next());
  expect(said).toEqual(ids.map((id) => `${id} done at 0`));
});

test('what begins later ends later', () => {
  const { executor, said, attemptAt } = planned({ a: { ms: 5, results: 0 }, b: { ms: 5, results: 0 } });
  executor.run(attemptAt('a'));
  executor.next();
  executor.run(attemptAt('b'));
  executor.next();
  expect(said).toEqual(['a from 0 to 5', 'a done at 5', 'b from 5 to 10', 'b done at 10']);
  expect(executor.next()).toBe(false);
});

test('an attempt that is aborted fails at once, and closing waits for nothing', async () => {
  const { executor, said, attemptAt } = planned({});
  executor.abort(attemptAt('a'), 'enough');
  expect(said).toEqual(['a failed at 0']);
  await executor.close();
});

test('its environment leaves nothing to chance, and rings no timer', () => {
  const { executor } = planned({});
  const { environment } = executor;
  const stop = environment.clock.after(0, () => expect.unreachable('no timer rings'));
  expect([executor.name, environment.random(), executor.next()]).toEqual(['planned', 0, false]);
  stop();
});
