/** The arguments of `submit` and `stream`. */
import { SchedulerError, shown } from '../../core/failures.js';
import { isThenable } from '../../core/user-value.js';
import { Handle } from '../tasks/handle.js';
import type { TaskFunction } from '../../core/ports.js';
import type { SubmitOptions } from './submit-options.js';

const NO_ARGS: readonly unknown[] = [];

/**
 * Tells options, function and arguments apart.
 *
 * @throws SchedulerError `InvalidArgument` when no function is among them.
 * @internal
 */
export function parseSubmission(given: readonly unknown[]): {
  options: SubmitOptions | undefined;
  fn: TaskFunction;
  args: readonly unknown[];
} {
  const [first, second] = given;
  if (typeof first === 'function') {
    return { options: undefined, fn: first as TaskFunction, args: given.length === 1 ? NO_ARGS : given.slice(1) };
  }
  if (typeof first !== 'object' || first === null) {
    throw new SchedulerError(
      'InvalidArgument',
      `submit takes a function, or options and a function, got ${shown(first)}`,
    );
  }
  if (typeof second !== 'function') throw new SchedulerError('InvalidArgument', notAFunction(first, second));
  return { options: first, fn: second as TaskFunction, args: given.slice(2) };
}

/** The message for a first argument that is an object, where no function follows. */
function notAFunction(first: object, second: unknown): string {
  try {
    if (Handle._is(first))
      return `submit takes a function first, got the handle of task ${first.id}: handles are arguments`;
    if (Array.isArray(first)) return 'submit takes a function first, got an array: pass its items after the function';
    if (isThenable(first))
      return 'submit takes a function, got a promise: pass the function itself, not what it returns';
  } catch {
    // The value throws when it is looked at: its kind does not matter.
  }
  return `submit takes a function after the options, got ${shown(second)}`;
}
