/**
 * `explore`: every graph of up to four tasks, and what it says of a graph that cannot end. `npm run explore` visits four tasks at micro
 * too, in a minute.
 */
import { describe, expect, it } from 'vitest';
import type { ExploreBounds } from '../../src/testing/explore/bounds.js';
import { observation } from '../../examples/invariants/observation.js';
import { drawViolation, explore, type ExploredGraph, tellExploration } from '../../src/testing/index.js';
import { graphOf, partialGraphOf, shapes } from './graphs.js';

/** Explores every shape of so many tasks, on one slot and on two. Returns the number of states. */
function statesOf(counts: readonly number[], make: typeof partialGraphOf, bounds: ExploreBounds): number {
  let states = 0;
  for (const slots of [1, 2]) {
    for (const shape of counts.flatMap(shapes)) {
      const found = explore(make(shape, slots), bounds);
      expect([shape, found.violation, found.isComplete]).toEqual([shape, undefined, true]);
      states += found.states;
    }
  }
  return states;
}

describe('for any graph of up to three tasks at micro and four at macro, on one slot or two, the invariants hold', () => {
  it('has each shape once', () => {
    expect([1, 2, 3, 4].map((count) => shapes(count).length)).toEqual([1, 2, 6, 31]);
  });

  it.for(['macro', 'micro'] as const)('at %s', (granularity) => {
    const counts = granularity === 'micro' ? [1, 2, 3] : [1, 2, 3, 4];
    expect(statesOf(counts, graphOf, { granularity })).toBeGreaterThan(10_000);
  });

  it.for(['macro', 'micro'] as const)('with a partial result, at %s', (granularity) => {
    const counts = granularity === 'micro' ? [2, 3] : [2, 3, 4];
    expect(statesOf(counts, partialGraphOf, { granularity })).toBeGreaterThan(20_000);
  });
});

describe('a violation', () => {
  it('comes with a shortest trace, in words and as a diagram', () => {
    const found = explore(observation('done'), { cancels: 0 });
    expect(found.violation).toMatchObject({
      invariant: 'everything-settles',
      what: 'from here on, calibrate can never settle',
    });
    const inputs = found.violation?.trace.filter(({ isInput }) => isInput);
    expect(inputs?.map(({ to, text }) => `${to}: ${text}`)).toEqual([
      'scheduler: start',
      'task point: the function returns',
      'task expose: the function fails',
    ]);
    expect(tellExploration(found)).toContain('  3. task expose: the function fails\n');
    expect(found.violation && drawViolation(found.violation)).toMatch(/^sequenceDiagram\n {2}actor p0 as outside\n/);
  });

  it('is found also where nobody else needs the slot that stays held', () => {
    const alone = (is: 'done' | 'settled'): ExploredGraph => {
      const { queues, tasks } = observation(is);
      return { queues, tasks: tasks.slice(1) };
    };
    const failing = explore(alone('done'), { cancels: 0 }).violation;
    expect(failing?.what).toBe('from here on, point can never give back the slot it holds');
    const cancelled = explore(alone('done'), { failures: 0 }).violation;
    expect(cancelled?.what).toBe('from here on, point can never settle and give back the slot it holds');
    // A scheduler that takes no more tasks has no use for the slot.
    expect(explore(alone('settled'), { closes: true }).violation).toBeUndefined();
  });

  it('is not found once the mistake is mended', () => {
    expect(explore(observation('settled'), { failures: 2 })).toMatchObject({ violation: undefined, isComplete: true });
  });

  it('is given up for when there are too many states', () => {
    const found = explore(observation('settled'), { maxStates: 100 });
    expect(found).toMatchObject({ violation: undefined, isComplete: false });
    expect(tellExploration(found)).toContain('given up');
  });
});

describe('what is wrong is refused by name', () => {
  const tasks = [{ id: 'a', queue: 'q' }];
  const queues = [{ name: 'q', concurrency: 1 }];

  it.for([
    [{ failures: 16 }, 'failures must be an integer from 0 to 15, got 16'],
    [{ granularity: 'nano' }, 'granularity must be one of macro, micro, got "nano"'],
    [{ failure: 1 }, 'failures'],
  ] as const)('in bounds: %j', ([bounds, text]) => {
    expect(() => explore({ queues, tasks }, bounds as ExploreBounds)).toThrow(text);
  });

  it.for([
    [{ queues, tasks: [{ id: 'a', queue: 'r' }] }, 'task a names queue r, which does not exist'],
    [{ queues: [{ ...queues[0], preempt: true }], tasks: [] }, 'preempt is not explored'],
    [{ queues: [{ ...queues[0], rate: { limit: 1, interval: 1 } }], tasks: [] }, 'a rate is not explored'],
    [{ queues, tasks: [{ id: 'a', queue: 'q', follows: 'b' }] }, 'a depends on b, which does not exist'],
    [
      { queues, tasks: [{ id: 'a', queue: 'q', attempts: 0 }] },
      'tasks[0] (a).attempts: expected an integer of at least 1',
    ],
    [
      { queues, tasks: [...tasks, { id: 'b', queue: 'q', submittedWhen: { task: 'a', is: 'ready' } }] },
      'tasks[1].submittedWhen.is',
    ],
    [{ queues, tasks, order: 'soonest' }, 'order: a graph is explored in the order newest'],
    [{ queues, tasks: Array.from({ length: 13 }, (_, at) => ({ id: `t${at}`, queue: 'q' })) }, 'at most 12 tasks'],
  ] as const)('in a graph: %j', ([graph, text]) => {
    expect(() => explore(graph as unknown as ExploredGraph)).toThrow(text);
  });
});
