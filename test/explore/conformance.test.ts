/**
 * The model of the runtime that `explore` puts around the statecharts, held against the runtime: inputs are played on both, and what
 * can be seen of both is the same after each.
 */
import { describe, expect, it } from 'vitest';
import { boundsOf, type ExploreBounds } from '../../src/testing/explore/bounds.js';
import { initialOf, MACHINES } from '../../src/testing/explore/explore.js';
import { macro } from '../../src/testing/explore/granularity.js';
import { type ExploredGraph, planOf } from '../../src/testing/explore/graph.js';
import { System } from '../../src/testing/explore/system.js';
import { ExploredRun, sightOf } from '../support/explored-run.js';
import { scaledRuns } from '../support/property-runs.js';
import { Transitions } from '../support/transition-tours.js';
import { graphOf, SETUPS, shapes } from './graphs.js';

type Interpreter = 'compiled' | 'xstate';

/** Plays so many tours through the graph. Returns the share of the transitions that they took. */
async function play(
  graph: ExploredGraph,
  bounds: ExploreBounds,
  interpreter: Interpreter,
  tours: number,
): Promise<number> {
  const system = new System(planOf(graph), boundsOf({ ...bounds, granularity: 'macro' }), MACHINES);
  const initial = initialOf(system);
  // Only task 0 may time out: see explored-run.ts.
  const transitions = new Transitions(initial, macro(system), ({ process, message }) => {
    return process === 0 || system.messages.valueOf(message).type !== 'times out';
  });
  for (let left = tours; left > 0; left -= 1) {
    const tour = transitions.tour();
    if (tour.length === 0) break;
    const run = new ExploredRun(system, interpreter);
    expect(run.see()).toEqual(sightOf(system, initial));
    const way: string[] = [];
    for (const { delivery, to } of tour) {
      const message = system.messages.valueOf(delivery.message);
      way.push(`${delivery.process} ${JSON.stringify(message)}`);
      await run.play(delivery.process, message);
      expect([way, run.see()]).toEqual([way, sightOf(system, transitions.stateOf(to))]);
    }
  }
  return transitions.taken / transitions.count;
}

describe('on any tour, the scheduler does what the explored model does', () => {
  for (const interpreter of ['compiled', 'xstate'] as const) {
    const isCompiled = interpreter === 'compiled';
    for (const { name, graph, bounds } of SETUPS) {
      it(`${name}, ${interpreter}`, async () => {
        const share = await play(graph, bounds, interpreter, scaledRuns(isCompiled ? 200 : 20));
        expect(share).toBeGreaterThan(isCompiled ? 0.3 : 0.05);
      });
    }

    it(`graphs of four tasks, ${interpreter}`, async () => {
      for (const [at, shape] of shapes(4).entries()) {
        const share = await play(graphOf(shape, 1 + (at % 2)), {}, interpreter, scaledRuns(isCompiled ? 10 : 2));
        expect(share).toBeGreaterThan(0);
      }
    });
  }
});
