/** Visits every state that a small graph can get into, on the real statecharts, and checks the invariants in each. */
import { queueMachine } from '../../../machines/queue.js';
import { schedulerMachine } from '../../../machines/scheduler.js';
import { taskMachine } from '../../../machines/task.js';
import { boundsOf, type ExploreBounds, type Granularity } from './bounds.js';
import { Checks } from './checks.js';
import { type ExploredGraph, planOf } from './graph.js';
import { macro, micro, settle, type Successors } from './granularity.js';
import { type ExploredInvariant, INVARIANTS } from './invariants.js';
import { type Found, search } from './search.js';
import { type ExploredStep, storyOf } from './story.js';
import { type Machines, System } from './system.js';

/**
 * What an exploration has found.
 *
 * @public
 */
export interface Exploration {
  readonly granularity: Granularity;
  /** Number of states visited, and of transitions between them. In `micro`, states that differ in the order of deliveries that commute count once. */
  readonly states: number;
  readonly transitions: number;
  /** Number of steps to the state that is farthest from the beginning. */
  readonly depth: number;
  /** Whether every state was visited: not when a violation was met, nor when there are more than `maxStates`. */
  readonly isComplete: boolean;
  /** The first violation, if there is one; no way to a violation has fewer steps, unless all of them are more than `maxStates` in `micro`. */
  readonly violation: ExploredViolation | undefined;
}

/**
 * A violation of an invariant, and how it comes to it.
 *
 * @public
 */
export interface ExploredViolation {
  readonly invariant: ExploredInvariant;
  /** What the invariant says. */
  readonly sentence: string;
  /** What has happened instead. */
  readonly what: string;
  /** The steps from the beginning to the violation. */
  readonly trace: readonly ExploredStep[];
}

/**
 * Visits every state that `graph` can get into, in every order of events that `bounds` allow, and checks the invariants in each. The
 * statecharts are the real ones; around them stands a model of the runtime. No function is called, and no time passes.
 *
 * @throws SchedulerError `InvalidOption` for bounds; for the graph as `parseScenario`.
 * @public
 */
export function explore(graph: ExploredGraph, bounds: ExploreBounds = {}): Exploration {
  return exploreSystem(new System(planOf(graph), boundsOf(bounds), MACHINES));
}

/** The statecharts of pullgraph. @internal */
export const MACHINES: Machines = { task: taskMachine, queue: queueMachine, scheduler: schedulerMachine };

/** Explores a system; where `isReduced`, with one order for deliveries that commute. @internal */
export function exploreSystem(system: System, isReduced = true): Exploration {
  const { bounds } = system;
  const initial = initialOf(system);
  const checks = new Checks(system);
  const searchBy = (successors: Successors): Found =>
    search({
      initial,
      successors,
      faultIn: (vector) => checks.faultIn(vector),
      isOver: (vector) => checks.isOver(vector),
      leftIn: (vector) => checks.leftIn(vector),
      maxStates: bounds.maxStates,
    });
  let found = searchBy(bounds.granularity === 'macro' ? macro(system) : micro(system, isReduced));
  if (found.violation !== undefined && isReduced && bounds.granularity === 'micro') {
    // Of all orders one may be shorter.
    const full = searchBy(micro(system));
    if (full.violation !== undefined) found = full;
  }
  const { states, transitions, depth, isComplete, violation } = found;
  return {
    granularity: bounds.granularity,
    states,
    transitions,
    depth,
    isComplete,
    violation:
      violation === undefined
        ? undefined
        : {
            invariant: violation.fault.invariant,
            sentence: INVARIANTS[violation.fault.invariant],
            what: violation.fault.what,
            trace: storyOf(system, initial, violation.way),
          },
  };
}

/** Everything has been submitted that is not submitted later, and nothing is on its way. @internal */
export function initialOf(system: System): Int32Array {
  const vector = system.blank();
  if (system.bounds.lateSubmit) return vector;
  for (const [task, { submittedWhen }] of system.plan.tasks.entries()) {
    if (submittedWhen !== undefined) continue;
    const message = system.messages.numberOf({ type: 'submit', task });
    settle(system, vector, { process: system.scheduler, message, isDelivered: false });
  }
  return vector;
}
