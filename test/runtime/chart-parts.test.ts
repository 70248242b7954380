/**
 * The guards, assignments and emissions of the charts by themselves: what each answers for its own events and for others. Every state and
 * transition says in a sentence what it is for.
 */
import { describe, expect, test } from 'vitest';
import { type AnyStateNode, createActor } from 'xstate';
import { type QueueEvent, queueAssignments, queueGuards, queueMachine } from '../../machines/queue.js';
import { type SchedulerEvent, schedulerGuards, schedulerMachine } from '../../machines/scheduler.js';
import { type TaskEvent, taskAssignments, taskEmissions, taskGuards, taskMachine } from '../../machines/task.js';
import { Chart } from '../../src/runtime/statecharts/chart.js';
import { taskChart } from '../../src/runtime/statecharts/charts.js';
import { TASK_TABLE } from '../../src/runtime/statecharts/tables.js';
import { emptyLedger } from '../../src/core/order/resource-ledger.js';
import { refusalOf } from '../support/refusal.js';

function nodesOf(node: AnyStateNode): AnyStateNode[] {
  return [node, ...Object.values(node.states).flatMap(nodesOf)];
}

const error = new Error('x');

/** The names of the guards that hold. */
function held<A>(guards: Readonly<Record<string, (args: A) => boolean>>, args: A): string[] {
  return Object.entries(guards).flatMap(([name, guard]) => (guard(args) ? [name] : []));
}

describe('of a task', () => {
  const context = { id: 't', queue: 'q', attempt: 2, delivered: 3, outcome: { status: 'done', result: 1 } } as const;
  const done = { status: 'done', result: 1 } as const;

  test.each<[TaskEvent, string[]]>([
    [{ type: 'attempt.done', attempt: 2, result: 1 }, ['isFromThisAttempt']],
    [{ type: 'attempt.done', attempt: 1, result: 1 }, []],
    [{ type: 'pause.ended' }, []],
    [{ type: 'outcome.restored', outcome: done }, ['isRestoredAsDone']],
    [{ type: 'outcome.restored', outcome: { status: 'failed', error } }, []],
    [{ type: 'attempt.failed', attempt: 2, error, retryInMs: 0 }, ['isFromThisAttempt', 'isRetriedAtOnce']],
    [{ type: 'attempt.failed', attempt: 2, error, retryInMs: 1 }, ['isFromThisAttempt', 'isRetriedLater']],
    [{ type: 'attempt.failed', attempt: 2, error }, ['isFromThisAttempt']],
    [{ type: 'evict.requested', attempt: 2, error, isDropped: false }, ['isFromThisAttempt', 'isRequeued']],
    [{ type: 'evict.requested', attempt: 2, error, isDropped: true }, ['isFromThisAttempt']],
    [{ type: 'evict.requested', attempt: 1, error, isDropped: false }, []],
  ])('for %j these guards hold: %j', (event, names) => {
    expect(held(taskGuards, { context, event })).toEqual(names);
  });

  test('attempts and partial results are counted by ones, and the outcome is kept', () => {
    const args = { context, event: { type: 'cancel.requested', reason: 'r' } } as const;
    expect(taskAssignments.raiseAttempt.attempt(args)).toBe(3);
    expect(taskAssignments.lowerAttempt.attempt(args)).toBe(1);
    expect(taskAssignments.countPartial.delivered(args)).toBe(4);
    expect(taskAssignments.keepOutcome.outcome(args)).toEqual({ status: 'cancelled', reason: 'r' });
  });

  test('the last partial result and the outcome are emitted', () => {
    const partial = (event: TaskEvent) => taskEmissions.emitPartial({ context, event });
    expect(partial({ type: 'partial.delivered', attempt: 2, value: 'v' })).toEqual({
      type: 'partial',
      index: 2,
      value: 'v',
    });
    expect(partial({ type: 'pause.ended' })).toEqual({ type: 'partial', index: 2, value: undefined });
    expect(taskEmissions.emitSettled({ context, event: { type: 'pause.ended' } })).toEqual({
      type: 'settled',
      outcome: done,
    });
  });
});

describe('of a queue', () => {
  const full = { slots: 2, slotsTaken: 2, capacity: [3], taken: [3] };
  const one = { ...full, slotsTaken: 1, taken: [1] };
  const offered = (amount: number): QueueEvent => ({ type: 'task.offered', id: 't', demand: [amount] });
  const returned: QueueEvent = { type: 'slot.returned', id: 't', demand: [1] };
  const limits = (slots: number): QueueEvent => ({ type: 'limits.changed', slots, capacity: [9] });

  test.each<[QueueEvent, typeof full, string[]]>([
    [offered(2), one, ['fits', 'wantsLastSlot', 'returnsLastSlot']],
    [offered(3), one, ['wantsLastSlot', 'returnsLastSlot']],
    [returned, full, []],
    [returned, { ...full, slots: 1 }, ['staysSaturated']],
    [{ type: 'room.requested', id: 't', victims: ['v'] }, full, ['hasVictims']],
    [{ type: 'room.requested', id: 't', victims: [] }, full, []],
    [limits(2), full, ['leavesNoSlot']],
    [limits(1), full, ['leavesNoSlot']],
    [limits(3), full, []],
  ])('for %j with %j these guards hold: %j', (event, ledger, names) => {
    expect(held(queueGuards, { context: { name: 'q', ledger }, event })).toEqual(names);
  });

  test('each assignment changes the ledger for its own event only', () => {
    const after = (part: keyof typeof queueAssignments, event: QueueEvent) =>
      queueAssignments[part].ledger({ context: { name: 'q', ledger: one }, event });
    expect(after('take', offered(2))).toEqual(full);
    expect(after('setLimits', limits(5))).toEqual({ ...one, slots: 5, capacity: [9] });
    expect(after('giveBack', returned)).toEqual(emptyLedger(2, [3]));
    const others = [after('take', returned), after('setLimits', returned), after('giveBack', limits(5))];
    for (const ledger of others) expect(ledger).toBe(one);
  });
});

test.each<[SchedulerEvent, string[]]>([
  [{ type: 'selection.ended', running: 0, unsettled: 0 }, ['nothingIsLeft', 'nothingMoves']],
  [{ type: 'selection.ended', running: 1, unsettled: 0 }, ['nothingIsLeft']],
  [{ type: 'selection.ended', running: 0, unsettled: 1 }, ['nothingMoves']],
  [{ type: 'selection.ended', running: 1, unsettled: 1 }, []],
  [{ type: 'work.changed' }, []],
])('of the scheduler, for %j these guards hold: %j', (event, names) => {
  expect(held(schedulerGuards, { event })).toEqual(names);
});

test.each([
  ['task', taskMachine],
  ['queue', queueMachine],
  ['scheduler', schedulerMachine],
] as const)('the chart of the %s describes itself, its states and its transitions', (_, machine) => {
  const undescribed = nodesOf(machine.root).flatMap(({ id, description, transitions }) =>
    [{ description, eventType: 'itself' }, ...[...transitions.values()].flat()]
      .filter((part) => part.description?.endsWith('.') !== true)
      .map(({ eventType }) => `${id}: ${eventType}`),
  );
  expect(undescribed).toEqual([]);
});

test('by itself, the chart of a task ends with its outcome, and that of the scheduler keeps its input', () => {
  const task = createActor(taskMachine, { input: { id: 't', queue: 'q' } }).start();
  task.send({ type: 'cancel.requested', reason: 'r' });
  expect(task.getSnapshot().output).toEqual({ status: 'cancelled', reason: 'r' });
  const scheduler = createActor(schedulerMachine, { input: { scheduler: 's' } }).start();
  expect(scheduler.getSnapshot().context).toEqual({ scheduler: 's' });
});

describe('a compiled chart', () => {
  test('knows its states by their values', () => {
    const parts = { machine: taskMachine, guards: taskGuards, assignments: taskAssignments, emissions: taskEmissions };
    const chart = new Chart(TASK_TABLE, parts);
    for (const state of chart.states) expect(chart.stateOf(state.value)).toBe(state);
  });

  test('names the state that it has not', () => {
    const { code, message } = refusalOf(() => taskChart.stateOf('nowhere'));
    expect(code).toBe('InvariantBroken');
    expect(message).toContain('statechart task to have a state "nowhere"');
  });

  test('names the guard that it was not given', () => {
    expect(() => new Chart(TASK_TABLE, { machine: taskMachine, guards: {} })).toThrow(/task has no guard is/);
  });
});
