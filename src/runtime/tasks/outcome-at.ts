/** How a task, or one of its partial results, ended: read from its record. */
import { PartialOutOfRange, SchedulerError, TaskCancelled } from '../../core/failures.js';
import { WHOLE } from '../../core/order/graph-node.js';
import type { Outcome } from '../../core/outcome.js';
import type { TaskRecord } from './task-record.js';

/** The outcome of the task or of one partial result, as far as it is known. @internal */
export function outcomeAt(record: TaskRecord, index: number): Outcome | undefined {
  if (isReleased(record, index)) return { status: 'failed', error: releasedError(record) };
  if (index === WHOLE) return record.outcome;
  if (index < record.delivered) return { status: 'done', result: partialAt(record, index) };
  const announced = record.announced;
  if (announced !== undefined && index >= announced) {
    return { status: 'failed', error: new PartialOutOfRange(record.id, index, announced) };
  }
  if (record.outcome?.status !== 'done') return record.outcome;
  return { status: 'failed', error: new PartialOutOfRange(record.id, index, record.delivered) };
}

/** How many partial results, from the first on, were delivered and are no longer there. @internal */
export function releasedOf({ flow }: TaskRecord): number {
  return flow?.released ?? 0;
}

/** Partial result `index`, which has been delivered and not released. @internal */
export function partialAt(record: TaskRecord, index: number): unknown {
  return record.partials?.[index - releasedOf(record)];
}

/** Of the whole, any part that is released is missing, unless it ended without a result. */
function isReleased(record: TaskRecord, index: number): boolean {
  const released = releasedOf(record);
  const { outcome } = record;
  if (index !== WHOLE) return index < released;
  return released > 0 && (outcome === undefined || outcome.status === 'done');
}

/** The error for results that are no longer there. @internal */
export function releasedError(record: TaskRecord): SchedulerError {
  const { id } = record;
  const released = releasedOf(record);
  const gone = released === 1 ? 'first result' : `first ${released} results`;
  const message = `the ${gone} of task ${id} went to a feed and ${released === 1 ? 'is' : 'are'} no longer there`;
  return new SchedulerError(
    'ResultReleased',
    `${message}: what a feed takes from a task with ahead is kept for nobody else`,
    { tasks: [id] },
  );
}

/** The error that a dependent of the task, or of one of its partial results, fails for. @internal */
export function errorAt(record: TaskRecord, index: number): unknown {
  const outcome = outcomeAt(record, index);
  if (outcome?.status === 'cancelled') return new TaskCancelled(record.id, outcome.reason);
  return outcome?.status === 'failed' ? outcome.error : undefined;
}
