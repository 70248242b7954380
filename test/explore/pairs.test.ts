/**
 * Every pair of a state and an event that stands in the table of a statechart is exercised: by an exploration or, where that has no such
 * event, here. Every other event that comes is an error, unless it is declared to mean nothing.
 */
import type { StateValue } from 'xstate';
import { describe, expect, it } from 'vitest';
import type { QueueContextData, QueueEvent } from '../../machines/queue.js';
import type { TaskContextData, TaskEvent } from '../../machines/task.js';
import { emptyLedger } from '../../src/core/order/resource-ledger.js';
import { QUEUE_TABLE, SCHEDULER_TABLE, TASK_TABLE } from '../../src/runtime/statecharts/tables.js';
import { boundsOf } from '../../src/testing/explore/bounds.js';
import { stepsOf } from '../../src/testing/explore/chart-steps.js';
import { exploreSystem, MACHINES } from '../../src/testing/explore/explore.js';
import { planOf } from '../../src/testing/explore/graph.js';
import { IGNORED, isIgnored, type MachineName } from '../../src/testing/explore/ignored.js';
import { System } from '../../src/testing/explore/system.js';
import { graphOf, type Setup, SETUPS } from './graphs.js';

const STREAM = {
  queues: [{ name: 'q', concurrency: 2 }],
  tasks: [{ id: 's', queue: 'q', partials: 2, attempts: 2 }],
};

/** Together with `SETUPS` they bring every event about. */
const MORE: readonly Omit<Setup, 'name'>[] = [
  { graph: graphOf([0, 0], 2), bounds: { closes: 'or terminates', pauses: 1, lateSubmit: true } },
  { graph: graphOf([0, 0], 3), bounds: { limits: 1, evictions: 1 } },
  { graph: STREAM, bounds: { granularity: 'micro', timeouts: 1, evictions: 1, stops: 0, cancels: 0 } },
  { graph: STREAM, bounds: { granularity: 'micro', timeouts: 1, backoff: true, stops: 0, cancels: 0 } },
  { graph: graphOf([0], 1), bounds: { granularity: 'micro', closes: 'or terminates', lateBegin: true, stops: 2 } },
];

/** What tells the queue how many tasks are pending, and that it is empty, is not part of an exploration. */
const BOUND: readonly (readonly [string, QueueEvent['type'], string])[] = [
  ['open', 'bound.reached', 'full'],
  ['full', 'room.made', 'open'],
  ['full', 'close.requested', 'closed'],
  ['closed', 'queue.removed', 'removed'],
];

const DONE = { status: 'done', result: 1 } as const;
const FAILED = { status: 'failed', error: 'lost' } as const;

/** What a store has of an earlier run comes before anything that is explored. */
const RESTORED: readonly (readonly [TaskEvent, string])[] = [
  [{ type: 'outcome.restored', outcome: DONE }, 'done'],
  [{ type: 'outcome.restored', outcome: FAILED }, 'failed'],
  [{ type: 'partial.restored', value: 1 }, 'pending'],
];

const TABLES = { task: TASK_TABLE, queue: QUEUE_TABLE, scheduler: SCHEDULER_TABLE };

/** A pair as each region of the queue has it; the regions are independent but for guards. */
function regional(value: StateValue, event: string): readonly string[] {
  if (typeof value === 'string') return [`${value} ${event}`];
  return Object.entries(value).map(([region, state]) => `${region}.${JSON.stringify(state)} ${event}`);
}

/** The pairs of a queue in which only one region has an entry for the event, as the chart is written down. */
function written(machine: MachineName): ReadonlySet<string> {
  if (machine !== 'queue') {
    return new Set(
      TABLES[machine].states.flatMap(({ value, on }) => Object.keys(on).flatMap((event) => regional(value, event))),
    );
  }
  const { states = {} } = MACHINES.queue.config;
  return new Set(
    Object.entries(states).flatMap(([region, { states: inner = {} }]) =>
      Object.entries(inner).flatMap(([state, { on = {} }]) =>
        Object.keys(on).map((event) => `${region}.${JSON.stringify(state)} ${event}`),
      ),
    ),
  );
}

const exercised = new Map<MachineName, Set<string>>([
  ['task', new Set()],
  ['queue', new Set()],
  ['scheduler', new Set()],
]);
const violations: unknown[] = [];
for (const { graph, bounds } of [...SETUPS, ...MORE]) {
  const system = new System(planOf(graph), boundsOf(bounds), MACHINES);
  const { violation } = exploreSystem(system);
  if (violation !== undefined) violations.push(violation);
  for (const [machine, pairs] of exercised) {
    for (const pair of system.pairs[machine]) {
      const at = pair.lastIndexOf(' ');
      const state = pair.slice(0, at);
      const found = TABLES[machine].states.find(({ value }) => value === state || JSON.stringify(value) === state);
      for (const each of regional(found?.value ?? state, pair.slice(at + 1))) pairs.add(each);
    }
  }
}

describe('every pair of a state and an event is exercised', () => {
  it('by explorations in which every invariant holds', () => {
    expect(violations).toEqual([]);
  });

  it.for(['task', 'queue', 'scheduler'] as const)('of the %s', (machine) => {
    const byHand = {
      task: RESTORED.map(([{ type }]) => `pending ${type}`),
      queue: BOUND.map(([state, event]) => `admission.${JSON.stringify(state)} ${event}`),
      scheduler: [],
    };
    const done = new Set([...(exercised.get(machine) ?? []), ...byHand[machine]]);
    expect([...written(machine)].filter((pair) => !done.has(pair))).toEqual([]);
  });

  it.for(BOUND)('a queue that is %s goes on %s to %s', ([state, event, next]) => {
    const value = { admission: state, gate: 'shut', flow: 'flowing', activity: 'idle' };
    const context = { name: 'q', ledger: emptyLedger(1, []) };
    const step = stepsOf<QueueContextData>(MACHINES.queue).step(value, context, { type: event });
    expect(step).toMatchObject({ context, effects: [], isInTable: true });
    expect(step.value).toMatchObject({ admission: next });
  });
});

it.for(RESTORED)('a pending task goes on $0.type to %s', ([event, next]) => {
  const context: TaskContextData = { id: 't', queue: 'q', attempt: 0, delivered: 0, outcome: undefined };
  const step = stepsOf<TaskContextData>(MACHINES.task).step('pending', context, event);
  expect(step).toMatchObject({ value: next, isInTable: true });
  expect(step.context.outcome).toEqual('outcome' in event ? event.outcome : undefined);
});

describe('an event outside the table', () => {
  it('is declared to mean nothing only where no state names it or a user may send it', () => {
    for (const { machine, events } of IGNORED) {
      const known = new Set(TABLES[machine].states.flatMap(({ on }) => Object.keys(on)));
      expect(events.filter((event) => !known.has(event))).toEqual([]);
    }
  });

  it('is an error otherwise', () => {
    expect(isIgnored('task', 'pending', 'start.granted')).toBe(false);
    expect(isIgnored('queue', { activity: 'idle' }, 'slot.returned')).toBe(false);
    expect(isIgnored('scheduler', 'stopped', 'work.changed')).toBe(true);
  });
});
