/** The values that an attempt begins with: arguments with results in the place of handles, and the count of results. */
import { SchedulerError, shown } from '../../core/failures.js';
import { indexAt, WHOLE } from '../../core/order/graph-node.js';
import type { TaskFunction } from '../../core/ports.js';
import { withValues } from './arguments.js';
import { Handle } from './handle.js';
import { partialAt } from './outcome-at.js';
import type { TaskRecord } from './task-record.js';

/** The arguments `args` of the task with every handle replaced by its result; all of them have been delivered. @internal */
export function valuesOf(record: TaskRecord, args: readonly unknown[]): readonly unknown[] {
  if (record.isDirect) return record.dependencies.map((each, position) => resultOf(each, indexAt(record, position)));
  return record.hasHandles ? withValues(args, valueOf) : args;
}

/**
 * The number of results that the function announces by `fn.numberOfResults(...args)`.
 *
 * @throws SchedulerError `InvalidOption`, or what that function throws.
 * @internal
 */
export function countOf(fn: TaskFunction, args: readonly unknown[]): number | undefined {
  if (!('numberOfResults' in fn) || typeof fn.numberOfResults !== 'function') return undefined;
  const count: unknown = Reflect.apply(fn.numberOfResults, fn, args);
  if (typeof count === 'number' && Number.isSafeInteger(count) && count >= 0) return count;
  throw new SchedulerError('InvalidOption', `numberOfResults must give an integer of at least 0, got ${shown(count)}`);
}

function resultOf(record: TaskRecord, index: number): unknown {
  if (index !== WHOLE) return partialAt(record, index);
  return record.outcome?.status === 'done' ? record.outcome.result : undefined;
}

function valueOf(handle: Handle<unknown>): unknown {
  const { record, index } = Handle._target(handle);
  return resultOf(record, index);
}
