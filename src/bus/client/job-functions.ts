/** The functions that jobs may call by name. A name is looked up among these and nowhere else, whatever it is. */
import { SchedulerError } from '../../core/failures.js';
import { MAX_TASKS } from '../protocol/payload.js';

/** A function that a job calls with whatever arguments it brings. @internal */
export type JobFunction = (...args: unknown[]) => unknown;

/**
 * The functions among the exports of a module, or the properties of an object, by name.
 *
 * @throws SchedulerError `InvalidOption` when there are none or too many.
 * @internal
 */
export function jobFunctions(namespace: object): ReadonlyMap<string, JobFunction> {
  const functions = new Map<string, JobFunction>();
  for (const [name, value] of Object.entries(namespace) as [string, unknown][]) {
    if (isJobFunction(value)) functions.set(name, value);
  }
  if (functions.size === 0 || functions.size > MAX_TASKS) {
    throw new SchedulerError('InvalidOption', `tasks must be 1 to ${MAX_TASKS} functions, got ${functions.size}`);
  }
  return functions;
}

function isJobFunction(value: unknown): value is JobFunction {
  return typeof value === 'function';
}
