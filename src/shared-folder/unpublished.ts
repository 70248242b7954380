/** The failure of a task that has run, and whose result could not be written to the folder. */
import { SchedulerError } from '../core/failures.js';
import type { Ended } from './claims.js';

const ends = new WeakMap<object, Ended>();

/** @internal */
export function unpublished(id: string, ended: Ended, cause: SchedulerError): SchedulerError {
  const message = `task ${id} has run, but its result could not be written: ${cause.message}`;
  const error = new SchedulerError('FolderUnavailable', message, { tasks: [id], cause: cause.cause });
  ends.set(error, ended);
  return error;
}

/** How the task ended here, if the error is that its result could not be written. @internal */
export function unpublishedEnd(error: unknown): Ended | undefined {
  return typeof error === 'object' && error !== null ? ends.get(error) : undefined;
}
