/** How a task, or one of its partial results, ended: read from its record. */
import { PartialOutOfRange, TaskCancelled } from '../../core/failures.js';
import { WHOLE } from '../../core/order/graph-node.js';
import type { Outcome } from '../../core/outcome.js';
import type { TaskRecord } from './task-record.js';

/** The outcome of the task or of one partial result, as far as it is known. @internal */
export function outcomeAt(record: TaskRecord, index: number): Outcome | undefined {
  if (index === WHOLE) return record.outcome;
  if (index < record.delivered) return { status: 'done', result: record.partials?.[index] };
  const announced = record.announced;
  if (announced !== undefined && index >= announced) {
    return { status: 'failed', error: new PartialOutOfRange(record.id, index, announced) };
  }
  if (record.outcome?.status !== 'done') return record.outcome;
  return { status: 'failed', error: new PartialOutOfRange(record.id, index, record.delivered) };
}

/** The error that a dependent of the task, or of one of its partial results, fails for. @internal */
export function errorAt(record: TaskRecord, index: number): unknown {
  const outcome = outcomeAt(record, index);
  switch (outcome?.status) {
    case 'failed':
      return outcome.error;
    case 'cancelled':
      return new TaskCancelled(record.id, outcome.reason);
    case 'done':
    case undefined:
      return undefined;
    default:
      return outcome satisfies never;
  }
}
