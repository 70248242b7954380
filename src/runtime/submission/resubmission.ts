/**
 * Submits the work of a failed task anew: a new task of the same queue, with the same function, arguments and options. The failed task
 * stays failed, and so does what depended on it. Its signal and its group are not taken over: they belong to the caller of then.
 */
import { SchedulerError } from '../../core/failures.js';
import { indexAt, WHOLE } from '../../core/order/graph-node.js';
import type { TaskFunction } from '../../core/ports.js';
import type { Engine } from '../engine.js';
import { Handle } from '../tasks/handle.js';
import type { TaskRecord } from '../tasks/task-record.js';
import type { SubmitOptions } from './submit-options.js';
import { TaskAdmission } from './task-admission.js';

/** What a task was submitted with. It keeps the tasks that it depends on. @internal */
export interface Work {
  readonly queue: string;
  readonly id: string | undefined;
  readonly fn: TaskFunction;
  readonly args: readonly unknown[];
  readonly isStream: boolean;
  readonly options: SubmitOptions;
}

/** The work of a task that has not settled yet. O(dependencies). @internal */
export function workOf(record: TaskRecord): Work {
  const { queue, extras, demand, fn, isStream, priority, flow, lane } = record;
  const needed = record.dependencies.map((dependency, position) => new Handle(dependency, indexAt(record, position)));
  const amounts = queue.resourceNames.flatMap((name, index) => {
    const amount = demand[index] ?? 0;
    return amount === 0 ? [] : [[name, amount] as const];
  });
  const release = (extras?.release ?? []).map((holder) => new Handle(holder, WHOLE));
  const { timeoutMs, retry, onSettled } = extras ?? {};
  const rateKey = lane.gate?.name;
  return {
    queue: queue.name,
    id: extras?.id,
    fn,
    args: record.isDirect ? needed : record.args,
    isStream,
    options: {
      priority,
      after: needed,
      ...(amounts.length === 0 ? {} : { resources: Object.fromEntries(amounts) }),
      ...(extras?.hold === true ? { hold: true } : {}),
      ...(release.length === 0 ? {} : { release }),
      ...(flow === undefined ? {} : { ahead: flow.ahead }),
      ...(rateKey === undefined ? {} : { rateKey }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(retry === undefined ? {} : { retry }),
      ...(onSettled === undefined ? {} : { onSettled }),
    },
  };
}

/**
 * Submits the work anew, under its own id if no other task has it by now.
 *
 * @throws SchedulerError as `Queue.submit`; `QueueClosed` for a queue that is gone.
 * @internal
 */
export function resubmit(engine: Engine, { queue, id, fn, args, isStream, options }: Work): TaskRecord {
  const state = engine.queues.find(({ name }) => name === queue);
  if (state === undefined) {
    throw new SchedulerError('QueueClosed', `queue ${queue} takes no tasks: it was closed`, { queue });
  }
  const isFree = id !== undefined && !engine.ids.has(id);
  return new TaskAdmission(engine, state).admit(isFree ? { ...options, id } : options, fn, args, isStream);
}
