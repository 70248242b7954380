/**
 * Questions put to a chart wherever an exploration gets it, whether the rest of the system would ask them or not: events that come too
 * late or too early must mean nothing. The answers change nothing and are only judged.
 */
import type { QueueContextData, QueueEvent } from '../../../machines/queue.js';
import type { TaskContextData, TaskEvent } from '../../../machines/task.js';
import type { ChartSteps } from './chart-steps.js';
import type { Plan } from './graph.js';
import type { Fault } from './invariants.js';
import { type QueueData, queueFaults, regionOf } from './queue-process.js';
import { taskFaults } from './task-check.js';
import { contextOf, isSettled, type TaskData } from './task-data.js';

/** Hears of each pair of a state and an event that a chart was given. */
type Asked = (state: string, event: string) => void;

/** Reports of attempts that do not count, and every verdict on the one that does, in every state that is not final. @internal */
export function* probeTask(chart: ChartSteps<TaskContextData>, data: TaskData, asked: Asked): Generator<Fault> {
  if (isSettled(data)) return;
  for (const attempt of [data.attempt - 1, data.attempt, data.attempt + 1]) {
    const reports: readonly TaskEvent[] = [
      { type: 'start.withdrawn', attempt },
      { type: 'partial.delivered', attempt, value: null },
      { type: 'attempt.done', attempt, result: null },
      { type: 'attempt.followed', attempt },
      { type: 'attempt.failed', attempt, error: null },
      { type: 'attempt.failed', attempt, error: null, retryInMs: 0 },
      { type: 'attempt.failed', attempt, error: null, retryInMs: 1 },
      { type: 'attempt.timedOut', attempt, error: null },
      { type: 'attempt.timedOut', attempt, error: null, retryInMs: 0 },
      { type: 'attempt.timedOut', attempt, error: null, retryInMs: 1 },
      { type: 'evict.requested', attempt, error: null, isDropped: false },
      { type: 'evict.requested', attempt, error: null, isDropped: true },
    ];
    for (const event of reports) {
      asked(data.value, event.type);
      yield* taskFaults(data, event, chart.step(data.value, contextOf(data), event));
    }
  }
}

/** Offers of every task of the queue, and requests for room, in every state that a queue with tasks can be in. @internal */
export function* probeQueue(
  chart: ChartSteps<QueueContextData>,
  plan: Plan,
  queue: number,
  data: QueueData,
  asked: Asked,
): Generator<Fault> {
  const { ledger, value } = data;
  const { slots, capacity } = ledger;
  const questions: QueueEvent[] = [
    ...plan.tasks.flatMap(({ demand, queue: of }): QueueEvent[] =>
      of === queue ? [{ type: 'task.offered', id: '', demand }] : [],
    ),
    { type: 'room.requested', id: '', victims: [] },
    { type: 'room.requested', id: '', victims: ['victim'] },
    { type: 'limits.changed', slots: slots + 1, capacity },
    { type: 'limits.changed', slots: 1, capacity },
  ];
  const isOpen = regionOf(value, 'gate') === 'open' && regionOf(value, 'flow') === 'flowing';
  for (const event of questions) {
    asked(JSON.stringify(value), event.type);
    const step = chart.step(value, { name: '', ledger }, event);
    yield* queueFaults(data, event, step, plan.queues[queue]);
    if (event.type !== 'room.requested') continue;
    const mayEvict = isOpen && event.victims.length > 0 && ledger.slotsTaken > 0;
    if (step.effects.includes('evict') === mayEvict) continue;
    const what = `a queue that is ${JSON.stringify(value)} was asked for room, and ${mayEvict ? 'refused' : 'evicted'}`;
    yield { invariant: 'shut-gate', what };
  }
}
