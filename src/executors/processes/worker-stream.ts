/** Takes the values out of whatever a streaming function returned, one by one, no faster than they are taken. */
import { describe, SchedulerError } from '../../core/failures.js';
import { isAsyncIterable, isIterable } from '../../core/iterables.js';
import { enterContext, leaveContext } from '../../core/task-context.js';
import type { WorkerContext } from './worker-context.js';

type Step = IteratorResult<unknown> | Promise<IteratorResult<unknown>>;

interface AnyIterator {
  next(): Step;
  return?(): unknown;
}

/**
 * Delivers every value of `source`, an iterable or an async iterable or a promise of one. Between two values of an
 * aborted attempt the source is closed, as by `break`, and the reason thrown; so it is where `deliver` throws.
 *
 * @internal
 */
export async function deliverAll(
  source: unknown,
  context: WorkerContext,
  deliver: (value: unknown) => Promise<void>,
): Promise<void> {
  const iterator = iteratorOf(await source, context.id);
  for (;;) {
    // One after another is the order of the results.
    const step = await stepOf(iterator, context);
    if (step.done === true) return;
    try {
      await deliver(step.value);
      context.throwIfAborted();
    } catch (error) {
      await iterator.return?.();
      throw error;
    }
  }
}

function iteratorOf(values: unknown, task: string): AnyIterator {
  if (isAsyncIterable(values)) return values[Symbol.asyncIterator]();
  if (isIterable(values)) return values[Symbol.iterator]();
  const message = `task ${task} was to return something iterable, got ${describe(values)}`;
  throw new SchedulerError('InvalidArgument', message, { tasks: [task] });
}

/** One step, in whose synchronous part `taskContext()` answers. */
function stepOf(iterator: AnyIterator, context: WorkerContext): Step {
  const previous = enterContext(context);
  try {
    return iterator.next();
  } finally {
    leaveContext(previous);
  }
}
