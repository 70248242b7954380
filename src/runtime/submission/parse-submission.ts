/** The arguments of `submit` and `stream`. */
import { SchedulerError, shown } from '../../core/failures.js';
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
  if (typeof second !== 'function') {
    throw new SchedulerError('InvalidArgument', `submit takes a function after the options, got ${shown(second)}`);
  }
  return { options: first, fn: second as TaskFunction, args: given.slice(2) };
}
