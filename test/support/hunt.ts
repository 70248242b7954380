/** Looks for a planted bug by simulations with faults, until an invariant is broken. */
import * as fc from 'fast-check';
import { ALL_FEATURES, arbitraries } from '../../src/testing/fast-check.js';
import type { InvariantName, Scenario } from '../../src/testing/index.js';
import { mutatedKit } from './mutated-kit.js';
import type { PlantedBug } from './planted-bugs.js';

/** Where a bug showed. */
export interface Catch {
  /** The invariants that its first simulation broke. */
  readonly invariants: readonly InvariantName[];
  /** How many simulations it took. */
  readonly simulations: number;
  /** How many events the shortest witness has. */
  readonly events: number;
}

const { scenarios } = arbitraries(fc);
const ALL = { ...ALL_FEATURES, stop: false, preempt: false, rates: false };
const deep = scenarios({ maxTasks: 25, priority: true, shapes: ['random'] });
/** What runs of commands are tried on. */
export const commandedGraphs = scenarios({ ...ALL, late: false, maxTasks: 15, preempt: true });
/** In turn: everything, demand order alone, larger graphs with priorities, also in order of submission, little but held slots, and rates. */
const any = [
  scenarios(ALL),
  scenarios({ ...ALL, fifo: false, priority: false }),
  deep,
  scenarios({ maxTasks: 20, maxQueues: 2, priority: true, fifo: true }),
  scenarios({ maxTasks: 6, hold: true, shapes: ['chain', 'random'] }),
  scenarios({ maxTasks: 12, rates: true, late: true, follows: true }),
] as const;
const evicting = scenarios({
  ...ALL,
  hold: false,
  follows: false,
  maxQueues: 2,
  maxTasks: 16,
  preempt: true,
  rates: true,
});

/** The scenarios of `hunt`: those of most bugs, and those in which tasks are evicted. */
export type HuntingGrounds = Readonly<Record<NonNullable<PlantedBug['ground']>, readonly Scenario[]>>;

/** `count` scenarios each, the same for every bug. */
export function huntingGrounds(count: number): HuntingGrounds {
  const each = any.map((arbitrary) => fc.sample(arbitrary, { seed: 3, numRuns: Math.ceil(count / any.length) }));
  return {
    any: (each[0] ?? []).flatMap((_, place) => each.flatMap((drawn) => drawn[place] ?? [])),
    evictions: fc.sample(evicting, { seed: 3, numRuns: count }),
  };
}

/** Undefined if all simulations pass. */
export async function hunt(bug: PlantedBug, grounds: HuntingGrounds): Promise<Catch | undefined> {
  const { simulate, check, ALL_FAULTS } = await mutatedKit(bug, 'index');
  for (const [seed, scenario] of grounds[bug.ground ?? 'any'].entries()) {
    const { trace, scenario: played } = simulate(scenario, { seed, faults: ALL_FAULTS });
    const broken = check(trace, played).invariants.flatMap(({ name, witness }) =>
      witness === undefined ? [] : [{ name, events: witness.events.length }],
    );
    if (broken.length === 0) continue;
    const events = Math.min(...broken.map((each) => each.events));
    return { invariants: broken.map(({ name }) => name), simulations: seed + 1, events };
  }
  return undefined;
}
