/** Which exploration catches a planted bug: small ones first, macro before micro. */
import { boundsOf, type ExploreBounds } from '../../src/testing/explore/bounds.js';
import { exploreSystem, type ExploredViolation } from '../../src/testing/explore/explore.js';
import { type ExploredGraph, planOf } from '../../src/testing/explore/graph.js';
import { graphOf, SETUPS } from './graphs.js';
import type { Mutant } from './mutants.js';

interface Case {
  readonly graph: ExploredGraph;
  readonly bounds: ExploreBounds;
}

const CHAIN: Case = { graph: graphOf([0, 1], 1), bounds: {} };
const PAIR: Case = { graph: graphOf([0, 0], 2), bounds: {} };
const STREAM: Case = {
  graph: { queues: [{ name: 'q', concurrency: 2 }], tasks: [{ id: 's', queue: 'q', partials: 2, attempts: 2 }] },
  bounds: { timeouts: 1, stops: 0 },
};

const CASES: readonly Case[] = [
  CHAIN,
  PAIR,
  ...SETUPS,
  { ...PAIR, bounds: { closes: 'or terminates' } },
  ...[CHAIN, PAIR, STREAM].map(({ graph, bounds }): Case => ({ graph, bounds: { ...bounds, granularity: 'micro' } })),
];

/** The first exploration that finds the bug; undefined if none does. */
export function caught(
  mutant: Mutant,
): { readonly violation: ExploredViolation; readonly granularity: string } | undefined {
  for (const { graph, bounds } of CASES) {
    const { violation, granularity } = exploreSystem(mutant.system(planOf(graph), boundsOf(bounds)));
    if (violation !== undefined) return { violation, granularity };
  }
  return undefined;
}
