/** `commands`: finds planted bugs, each by few commands. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Scenario } from '../../src/testing/index.js';
import { commandedGraphs } from '../support/hunt.js';
import { mutatedKit } from '../support/mutated-kit.js';
import { PLANTED_BUGS } from '../support/planted-bugs.js';

const settlement = 'runtime/tasks/settlement.ts';

test.each([
  {
    bug: 'A promise of a result is not settled.',
    file: settlement,
    find: 'this.#port.waiters.settled(record);',
    replace: '',
  },
  {
    bug: 'A promise of a partial result is not settled.',
    file: settlement,
    find: 'this.#port.waiters.delivered(record, index);',
    replace: '',
  },
  {
    bug: 'close() does not wait for what runs.',
    file: 'runtime/lifecycle.ts',
    find: 'cancelWaiting(this.#port, this.#terminated);\n    await this.#ended();',
    replace: 'cancelWaiting(this.#port, this.#terminated);',
  },
  {
    bug: 'close() leaves what waits for a start.',
    file: 'runtime/leftovers.ts',
    find: 'cancellation.cancel(record, terminated ?? { reason: reasonToDrop(record) });',
    replace: '',
  },
])('found: $bug', async (bug) => {
  const kit = await mutatedKit(bug, 'fast-check');
  const runs = fc.asyncProperty(commandedGraphs, kit.commands(fc), (graph, sequence) =>
    kit.runCommands(fc, graph, sequence),
  );
  const { failed, errorInstance } = await fc.check(runs, { numRuns: 500, seed: 2, endOnFailure: true });
  expect(failed).toBe(true);
  expect(String(errorInstance)).toMatch(/handles: the promise of|progress: cl/);
});

const hold: Scenario = {
  queues: [{ name: 'q', concurrency: 1 }],
  tasks: [
    { id: 'holder', queue: 'q', deps: [], duration: 1, hold: true },
    { id: 'user', queue: 'q', deps: [], duration: 1 },
  ],
};

test('a bug is found with the story, by the fewest commands', async () => {
  const bug = PLANTED_BUGS.find(({ file, replace }) => file.endsWith('held-slots.ts') && replace === 'return false;');
  if (bug === undefined) throw new Error('expected the bug');
  const kit = await mutatedKit(bug, 'fast-check');
  const found = await fc.check(
    fc.asyncProperty(kit.commands(fc), (sequence) => kit.runCommands(fc, hold, sequence)),
    { numRuns: 100, seed: 2 },
  );
  expect(found.failed).toBe(true);
  // What is left over is done at the end of each run, and shows it without any command.
  expect([...(found.counterexample?.[0] ?? [])]).toEqual([]);
  expect(String(found.errorInstance)).toContain('returns: a slot of holder comes back, though no task has released it');
});
