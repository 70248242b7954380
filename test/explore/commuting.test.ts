/**
 * One order in place of all orders of deliveries that commute loses nothing: every process is given the same messages in the same states of its
 * own, everything can come to rest in the same states, and the same planted bugs are found.
 */
import { describe, expect, it } from 'vitest';
import { boundsOf, type ExploreBounds } from '../../src/testing/explore/bounds.js';
import { exploreSystem, initialOf, MACHINES } from '../../src/testing/explore/explore.js';
import { micro } from '../../src/testing/explore/granularity.js';
import { type ExploredGraph, planOf } from '../../src/testing/explore/graph.js';
import { search } from '../../src/testing/explore/search.js';
import { type Step, System } from '../../src/testing/explore/system.js';
import { graphOf, partialGraphOf, SETUPS, shapes } from './graphs.js';
import { type Mutant, MUTANTS } from './mutants.js';

/** Notes what each process is given, and in which state of its own. */
class Noting extends System {
  readonly given = new Set<string>();

  override step(vector: Int32Array, process: number, message: number): Step {
    this.given.add(`${process} ${vector[process]} ${message}`);
    return super.step(vector, process, message);
  }
}

interface Visit {
  readonly states: number;
  readonly given: ReadonlySet<string>;
  /** The states in which nothing is on its way. */
  readonly atRest: ReadonlySet<string>;
}

/** The same system is visited twice, so that equal data have equal numbers. */
function visit(system: Noting, isReduced: boolean): Visit {
  const { outgoing, counted } = system;
  const atRest = new Set<string>();
  system.given.clear();
  const found = search({
    initial: initialOf(system),
    successors: micro(system, isReduced),
    faultIn(vector) {
      const { hasChanged, isStopAsked } = system.schedulerData(vector);
      const isAtRest =
        !hasChanged && !isStopAsked && vector.subarray(outgoing, counted).every((channel) => channel === 0);
      if (isAtRest) atRest.add(vector.join());
      return undefined;
    },
    isOver: () => true,
    leftIn: () => '',
    maxStates: 200_000,
  });
  expect(found.isComplete).toBe(true);
  return { states: found.states, given: new Set(system.given), atRest };
}

function compared(graph: ExploredGraph, bounds: ExploreBounds): { readonly all: Visit; readonly reduced: Visit } {
  const system = new Noting(planOf(graph), boundsOf({ ...bounds, granularity: 'micro' }), MACHINES);
  const visits = { all: visit(system, false), reduced: visit(system, true) };
  expect(visits.reduced.atRest).toEqual(visits.all.atRest);
  expect(visits.reduced.given).toEqual(visits.all.given);
  return visits;
}

const SMALL = { failures: 1, cancels: 1, stops: 1 };

describe('what is reduced reaches the same', () => {
  it('on every graph of up to three tasks, and saves most states', () => {
    let [all, reduced] = [0, 0];
    for (const shape of [1, 2, 3].flatMap(shapes)) {
      for (const make of [graphOf, partialGraphOf]) {
        const visits = compared(make(shape, 1 + (shape.length % 2)), shape.length < 3 ? SMALL : { ...SMALL, stops: 0 });
        all += visits.all.states;
        reduced += visits.reduced.states;
      }
    }
    expect(3 * reduced).toBeLessThan(2 * all);
  });

  // Everything that a graph can have and that may happen to it, within what takes a moment.
  it.for(SETUPS.map((setup) => [setup.name, setup] as const))('with %s', ([, { graph, bounds }]) => {
    const { failures = 1, limits = 0, pauses = 0 } = bounds;
    const less = { cancels: 0, failures: Math.min(failures, 1), stops: limits + pauses > 0 ? 0 : 1 };
    const { all, reduced } = compared({ ...graph, tasks: graph.tasks.slice(0, 3) }, { ...bounds, ...less });
    expect(reduced.states).toBeLessThan(all.states);
  });
});

it('finds every planted bug that all orders show', () => {
  const plan = planOf(graphOf([0, 1], 1));
  const bounds = boundsOf({ granularity: 'micro', stops: 1, cancels: 1, failures: 0 });
  const isFoundIn = (isReduced: boolean) => (mutant: Mutant) =>
    exploreSystem(mutant.system(plan, bounds), isReduced).violation !== undefined;
  const shown = MUTANTS.filter(isFoundIn(false));
  expect(shown.filter((mutant) => !isFoundIn(true)(mutant)).map(({ name }) => name)).toEqual([]);
  expect(shown.length).toBeGreaterThan(25);
});
