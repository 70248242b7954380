/** Takes the values out of whatever a streaming function returned, one by one. */
import { describe, SchedulerError } from '../../core/failures.js';
import { isAsyncIterable, isIterable } from '../../core/iterables.js';
import { enterContext, leaveContext } from '../../core/task-context.js';
import type { WorkerContext } from './worker-context.js';

/**
 * Delivers every value of `source`, an iterable or an async iterable or a promise of one. Between two values of an
 * aborted attempt the source is closed, as by `break`, and the reason thrown; so it is where `deliver` throws.
 *
 * @internal
 */
export async function deliverAll(
  source: unknown,
  context: WorkerContext,
  deliver: (value: unknown) => void,
): Promise<void> {
  const values = await source;
  if (isAsyncIterable(values)) await deliverAsync(values[Symbol.asyncIterator](), context, deliver);
  else if (isIterable(values)) deliverSync(values[Symbol.iterator](), context, deliver);
  else {
    const message = `task ${context.id} was to return something iterable, got ${describe(values)}`;
    throw new SchedulerError('InvalidArgument', message, { tasks: [context.id] });
  }
}

function deliverSync(iterator: Iterator<unknown>, context: WorkerContext, deliver: (value: unknown) => void): void {
  for (;;) {
    const step = stepOf(iterator, context);
    if (step.done === true) return;
    try {
      deliver(step.value);
      throwIfAborted(context);
    } catch (error) {
      iterator.return?.();
      throw error;
    }
  }
}

async function deliverAsync(
  iterator: AsyncIterator<unknown>,
  context: WorkerContext,
  deliver: (value: unknown) => void,
): Promise<void> {
  for (;;) {
    // One after another is the order of the results.
    const step = await stepOf(iterator, context);
    if (step.done === true) return;
    try {
      deliver(step.value);
      throwIfAborted(context);
    } catch (error) {
      await iterator.return?.();
      throw error;
    }
  }
}

/** One step, in whose synchronous part `taskContext()` answers. */
function stepOf<Step>(iterator: { next(): Step }, context: WorkerContext): Step {
  const previous = enterContext(context);
  try {
    return iterator.next();
  } finally {
    leaveContext(previous);
  }
}

function throwIfAborted(context: WorkerContext): void {
  if (context.isAborted) context.signal.throwIfAborted();
}
