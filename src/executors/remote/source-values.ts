/** Reads the iterable that a streaming function in a worker returned, no faster than its values are taken. */
import { SchedulerError, shown } from '../../core/failures.js';
import { isAsyncIterable, isIterable } from '../../core/user-value.js';
import { enterContext, leaveContext, type TaskContext } from '../../core/task-context.js';
import { inScope, type TraceScope } from '../../core/trace-headers.js';
import { isThenable } from '../../core/user-value.js';

/**
 * The context of an attempt on the worker's side.
 *
 * @internal
 */
export interface WorkerTaskContext extends TaskContext {
  /** Where the attempt came with a trace context that can be made active. */
  readonly scope: TraceScope | undefined;
  /** @throws the reason of the abort, once the attempt is aborted. */
  throwIfAborted(): void;
}

type Step = IteratorResult<unknown> | PromiseLike<IteratorResult<unknown>>;

interface AnyIterator {
  next(): Step;
  return?(): unknown;
}

/**
 * Delivers every value of `source`, an iterable or an async iterable or a promise of one. If the attempt is
 * aborted, or `deliver` throws, the source is closed, as by `break`, and the reason or error is thrown. If `deliver` returns a
 * promise, the next value is read after that has resolved; otherwise a synchronous source is read to its end without a pause.
 *
 * @internal
 */
export async function deliverAll(
  source: unknown,
  context: WorkerTaskContext,
  deliver: (value: unknown) => Promise<void> | void,
): Promise<void> {
  const iterator = iteratorOf(await source, context.id);
  for (;;) {
    // In sequence, because this is the order of the results.
    const taken = stepOf(iterator, context);
    const step = isThenable(taken) ? await taken : taken;
    if (step.done === true) return;
    try {
      const delivered = deliver(step.value);
      if (delivered !== undefined) await delivered;
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
  const message = `task ${task} must return an iterable, got ${shown(values)}`;
  throw new SchedulerError('InvalidArgument', message, { tasks: [task] });
}

/** One step; `taskContext()` works in its synchronous part. */
function stepOf(iterator: AnyIterator, context: WorkerTaskContext): Step {
  const previous = enterContext(context);
  try {
    return inScope(context, () => iterator.next());
  } finally {
    leaveContext(previous);
  }
}
