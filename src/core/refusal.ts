/** Refusals: what a call throws when a value that it was given cannot be taken. */
import { SchedulerError } from './scheduler-error.js';
import { describe, isInstance } from './user-value.js';

/**
 * The error of a call that has read values of the caller's: a `SchedulerError` as it is; what the values themselves threw as the cause
 * of an `InvalidArgument`.
 *
 * @internal
 */
export function refusal(what: string, error: unknown): SchedulerError {
  if (isInstance(error, SchedulerError)) return error;
  return new SchedulerError('InvalidArgument', `${what} cannot be read: ${describe(error)}`, { cause: error });
}
