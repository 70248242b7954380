/** The functions that jobs can call by name. Names are looked up in a map, so no name reaches a prototype. */
import { SchedulerError } from '../../core/failures.js';
import { MAX_TASKS } from '../protocol/payload.js';

/** A function called with the arguments of a job. @internal */
export type JobFunction = (...args: unknown[]) => unknown;

/**
 * The functions among the properties of a module namespace or object, by name.
 *
 * @throws SchedulerError `InvalidOption` if there are none or too many.
 * @internal
 */
export function jobFunctions(namespace: object): ReadonlyMap<string, JobFunction> {
  const functions = new Map<string, JobFunction>();
  for (const [name, value] of Object.entries(namespace) as [string, unknown][]) {
    if (isJobFunction(value)) functions.set(name, value);
  }
  if (functions.size === 0 || functions.size > MAX_TASKS) {
    throw new SchedulerError('InvalidOption', `tasks must contain 1 to ${MAX_TASKS} functions, got ${functions.size}`);
  }
  return functions;
}

function isJobFunction(value: unknown): value is JobFunction {
  return typeof value === 'function';
}
