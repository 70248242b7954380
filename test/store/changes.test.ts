/** For any graph and any changes between two runs, exactly those tasks run that a naive reading of the rule says. */
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { type Handle, Scheduler } from '../../src/index.js';
import { memoryStore } from '../../src/store/index.js';
import type { Store } from '../../src/core/store-port.js';
import { scaledRuns } from '../support/property-runs.js';
import { property } from '../support/property.js';

interface Task {
  /** Positions of earlier tasks, each once. */
  readonly needs: readonly number[];
  readonly isKept: boolean;
  /** In the second run it has another version, another argument, or its record is gone. */
  readonly change: 'none' | 'version' | 'argument' | 'forgotten';
  /** Whether its result in the second run differs where its code or its argument does. */
  readonly isVisible: boolean;
}

const tasks: fc.Arbitrary<readonly Task[]> = fc
  .array(
    fc.record({
      needs: fc.array(fc.nat({ max: 7 }), { maxLength: 3 }),
      isKept: fc.boolean(),
      change: fc.constantFrom('none', 'none', 'none', 'version', 'argument', 'forgotten'),
      isVisible: fc.boolean(),
    }),
    { minLength: 1, maxLength: 9 },
  )
  .map((drawn) =>
    drawn.map((task, position) => ({ ...task, needs: [...new Set(task.needs.filter((need) => need < position))] })),
  );

/** The results of the code, by task; what another version would change. */
let code: readonly number[] = [];
const compute = (position: number, _argument: number, inputs: readonly number[]): number =>
  inputs.reduce((sum, input) => 3 * sum + input, code[position] ?? 0);

async function run(
  graph: readonly Task[],
  store: Store,
  isSecond: boolean,
): Promise<{ ran: Set<number>; results: number[] }> {
  code = graph.map(({ change, isVisible }, position) =>
    isSecond && isVisible && change !== 'none' && change !== 'forgotten' ? 100 + position : position,
  );
  const scheduler = new Scheduler({ store });
  const queue = scheduler.queue('q', { concurrency: 2 });
  const ran = new Set<number>();
  scheduler.on('task', ({ id, state }) => void (state === 'running' && ran.add(Number(id))));
  const handles: Handle<number>[] = [];
  for (const [position, { needs, isKept, change }] of graph.entries()) {
    const options = {
      id: String(position),
      version: isSecond && change === 'version' ? 2 : 1,
      ...(isKept ? { key: `k${position}` } : {}),
    };
    const inputs = needs.map((need) => handles[need] as Handle<number>);
    handles.push(queue.submit(options, compute, position, isSecond && change === 'argument' ? 1 : 0, inputs));
  }
  scheduler.start();
  await scheduler.wait();
  const whatRan = new Set(ran);
  // Whoever asks for the result of a task that is not needed gets it.
  const results = await Promise.all(handles.map((handle) => handle.result()));
  await scheduler.close();
  return { ran: whatRan, results };
}

/** The rule, read naively. */
function expected(graph: readonly Task[], before: readonly number[], after: readonly number[]): Set<number> {
  const isSameItself = graph.map(({ change }) => change === 'none' || change === 'forgotten');
  const isSame: boolean[] = [];
  for (const [position, { needs }] of graph.entries()) {
    isSame.push(isSameItself[position] === true && needs.every((need) => isSame[need]));
  }
  const hasRecord = graph.map(({ isKept, change }) => isKept && change !== 'forgotten');
  const isRestored = graph.map((_, position) => hasRecord[position] === true && isSame[position] === true);
  const isNeeded = graph.map(() => false);
  for (let position = graph.length - 1; position >= 0; position -= 1) {
    const dependents = graph.flatMap(({ needs }, other) => (needs.includes(position) ? [other] : []));
    const isWanted = dependents.length === 0 || dependents.some((other) => isNeeded[other]);
    isNeeded[position] = isWanted && !isRestored[position];
  }
  const ran = new Set<number>();
  for (const [position, { needs }] of graph.entries()) {
    if (!isNeeded[position]) continue;
    const hasSameInputs = needs.every((need) => before[need] === after[need]);
    if (hasRecord[position] && isSameItself[position] && hasSameInputs) continue;
    ran.add(position);
  }
  return ran;
}

property([tasks], { numRuns: scaledRuns(60) })(
  'for any graph and any changes, exactly those tasks run that the rule names, and all results are those of a fresh run',
  async (graph) => {
    const store = memoryStore();
    const first = await run(graph, store, false);
    expect(first.ran.size).toBe(graph.length);
    const session = store._open({
      clock: { now: () => 0, after: () => () => undefined },
      durability: 'batch',
      failed(error) {
        throw error;
      },
    });
    for (const [position, { change }] of graph.entries()) if (change === 'forgotten') session.drop(`k${position}`);
    session.close();
    const fresh = await run(graph, memoryStore(), true);
    const second = await run(graph, store, true);
    expect(second.results).toEqual(fresh.results);
    expect(second.ran).toEqual(expected(graph, first.results, fresh.results));
    // What the second run has kept or found, the third finds by its recipe, and needs nothing that it was made from.
    const third = await run(graph, store, true);
    expect(third.results).toEqual(fresh.results);
    const unchanged = graph.map((task): Task => ({ ...task, change: 'none' }));
    expect(third.ran).toEqual(expected(unchanged, fresh.results, fresh.results));
  },
);
