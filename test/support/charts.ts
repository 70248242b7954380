/**
 * The statecharts under comparison, each with what may come to it: samples for looking at everything, arbitraries for
 * going on at random.
 */
import * as fc from 'fast-check';
import type { AnyEventObject, AnyStateMachine } from 'xstate';
import { queueAssignments, queueGuards, queueMachine } from '../../machines/queue.js';
import { schedulerGuards, schedulerMachine } from '../../machines/scheduler.js';
import { taskAssignments, taskEmissions, taskGuards, taskMachine } from '../../machines/task.js';
import type { ChartParts, TableData } from '../../src/runtime/statecharts/chart.js';
import { QUEUE_TABLE, SCHEDULER_TABLE, TASK_TABLE } from '../../src/runtime/statecharts/tables.js';

export interface SampleChart {
  readonly name: string;
  readonly machine: AnyStateMachine;
  readonly table: TableData;
  readonly parts: ChartParts;
  readonly inputs: readonly unknown[];
  readonly events: readonly AnyEventObject[];
  readonly anyInput: fc.Arbitrary<unknown>;
  readonly anyEvent: fc.Arbitrary<AnyEventObject>;
}

/** An event that no chart knows, and one that is named like a property of every object. */
const FOREIGN: readonly AnyEventObject[] = [{ type: 'weather.changed' }, { type: 'constructor' }];

const error = new Error('no such file');

const taskChart: SampleChart = {
  name: 'task',
  machine: taskMachine,
  table: TASK_TABLE,
  parts: { machine: taskMachine, guards: taskGuards, assignments: taskAssignments, emissions: taskEmissions },
  inputs: [{ id: 'a', queue: 'q' }],
  events: [
    ...FOREIGN,
    { type: 'dependencies.satisfied' },
    { type: 'dependency.failed', error },
    { type: 'start.granted' },
    ...[0, 1, 2].flatMap((attempt) => [
      { type: 'partial.delivered', attempt, value: attempt },
      { type: 'attempt.done', attempt, result: undefined },
      { type: 'attempt.done', attempt, result: [attempt] },
      ...['attempt.failed', 'attempt.timedOut'].flatMap((type) => [
        { type, attempt, error },
        { type, attempt, error, retryInMs: 0 },
        { type, attempt, error, retryInMs: 5 },
      ]),
      { type: 'evict.requested', attempt, error, isDropped: false },
      { type: 'evict.requested', attempt, error, isDropped: true },
      { type: 'start.withdrawn', attempt },
      { type: 'attempt.followed', attempt },
    ]),
    { type: 'partial.restored', value: 7 },
    { type: 'outcome.restored', outcome: { status: 'done', result: 7 } },
    { type: 'outcome.restored', outcome: { status: 'failed', error } },
    { type: 'followed.done', result: 7 },
    { type: 'pause.ended' },
    { type: 'cancel.requested', reason: undefined },
    { type: 'cancel.requested', reason: 'too late' },
  ],
  anyInput: fc.record({ id: fc.string(), queue: fc.string() }),
  anyEvent: fc.oneof(
    fc.constantFrom(...FOREIGN),
    {
      weight: 6,
      arbitrary: fc.constantFrom(
        { type: 'dependencies.satisfied' },
        { type: 'start.granted' },
        { type: 'start.granted' },
        { type: 'pause.ended' },
      ),
    },
    { weight: 3, arbitrary: reportOf('partial.delivered', 'value') },
    reportOf('attempt.done', 'result'),
    reportOf('start.withdrawn', 'ignored'),
    reportOf('attempt.followed', 'ignored'),
    fc.record({ type: fc.constant('followed.done'), result: fc.anything() }),
    fc.record({ type: fc.constant('partial.restored'), value: fc.anything() }),
    fc.record({
      type: fc.constant('outcome.restored'),
      outcome: fc.constantFrom({ status: 'done', result: 7 }, { status: 'failed', error }),
    }),
    reportOf('attempt.failed', 'error', { retryInMs: fc.constantFrom(undefined, 0, 5) }),
    reportOf('attempt.timedOut', 'error', { retryInMs: fc.constantFrom(undefined, 0, 5) }),
    reportOf('evict.requested', 'error', { isDropped: fc.boolean() }),
    fc.record({ type: fc.constant('dependency.failed'), error: fc.anything() }),
    fc.record({ type: fc.constant('cancel.requested'), reason: fc.anything() }),
  ),
};

/** What an attempt reports; mostly the attempt that is under way. */
function reportOf(
  type: string,
  payload: string,
  more: Record<string, fc.Arbitrary<unknown>> = {},
): fc.Arbitrary<AnyEventObject> {
  const attempt = fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, fc.integer({ min: -1, max: 3 }));
  const report = { type: fc.constant(type), attempt, [payload]: fc.anything(), ...more };
  return fc.record(report) as fc.Arbitrary<AnyEventObject>;
}

const demands: readonly (readonly number[])[] = [[], [1], [2]];

const queueChart: SampleChart = {
  name: 'queue',
  machine: queueMachine,
  table: QUEUE_TABLE,
  parts: { machine: queueMachine, guards: queueGuards, assignments: queueAssignments },
  // Other limits are reached by changing them.
  inputs: [{ name: 'two slots', slots: 2, capacity: [2] }],
  events: [
    ...FOREIGN,
    { type: 'room.requested', id: 'a', victims: [] },
    { type: 'room.requested', id: 'a', victims: ['b'] },
    ...demands.flatMap((demand) => [
      { type: 'task.offered', id: 'a', demand },
      { type: 'slot.returned', id: 'a', demand },
    ]),
    { type: 'scheduler.started' },
    { type: 'scheduler.stopped' },
    { type: 'pause.requested' },
    { type: 'resume.requested' },
    ...[1, 3].map((slots) => ({ type: 'limits.changed', slots, capacity: [slots] })),
    { type: 'bound.reached' },
    { type: 'room.made' },
    { type: 'close.requested' },
    { type: 'queue.removed' },
  ],
  anyInput: fc.record({
    name: fc.string(),
    slots: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constant(Number.POSITIVE_INFINITY)),
    capacity: fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 2, maxLength: 2 }),
  }),
  anyEvent: fc.oneof(
    fc.constantFrom(...FOREIGN),
    { weight: 2, arbitrary: fc.constant({ type: 'scheduler.started' }) },
    fc.constantFrom({ type: 'bound.reached' }, { type: 'room.made' }),
    fc.constantFrom({ type: 'scheduler.stopped' }, { type: 'close.requested' }),
    fc.constantFrom({ type: 'pause.requested' }, { type: 'resume.requested' }),
    fc.record({
      type: fc.constant('limits.changed'),
      slots: fc.integer({ min: 1, max: 5 }),
      capacity: fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 2, maxLength: 3 }),
    }),
    fc.record({
      type: fc.constant('room.requested'),
      id: fc.constant('a'),
      victims: fc.constantFrom([], ['b']),
    }),
    {
      weight: 8,
      arbitrary: fc.record({
        type: fc.constantFrom('task.offered', 'task.offered', 'slot.returned'),
        id: fc.constant('a'),
        demand: fc.oneof(
          fc.constant([]),
          fc.array(fc.double({ min: 0, max: 5, noNaN: true }), { minLength: 2, maxLength: 2 }),
        ),
      }),
    },
  ),
};

const schedulerChart: SampleChart = {
  name: 'scheduler',
  machine: schedulerMachine,
  table: SCHEDULER_TABLE,
  parts: { machine: schedulerMachine, guards: schedulerGuards },
  inputs: [undefined],
  events: [
    ...FOREIGN,
    { type: 'start.requested' },
    { type: 'stop.requested' },
    { type: 'close.requested' },
    { type: 'terminate.requested' },
    { type: 'work.changed' },
    { type: 'executors.closed' },
    ...[0, 1].flatMap((running) => [0, 2].map((unsettled) => ({ type: 'selection.ended', running, unsettled }))),
  ],
  anyInput: fc.constant(undefined),
  anyEvent: fc.oneof(
    fc.constantFrom(...FOREIGN),
    { weight: 3, arbitrary: fc.constantFrom({ type: 'start.requested' }, { type: 'work.changed' }) },
    fc.constant({ type: 'stop.requested' }),
    fc.record({ type: fc.constant('selection.ended'), running: fc.nat(2), unsettled: fc.nat(2) }),
    fc.oneof(
      { weight: 9, arbitrary: fc.constant({ type: 'work.changed' }) },
      fc.constantFrom({ type: 'close.requested' }, { type: 'terminate.requested' }, { type: 'executors.closed' }),
    ),
  ),
};

export const charts: readonly SampleChart[] = [taskChart, queueChart, schedulerChart];
