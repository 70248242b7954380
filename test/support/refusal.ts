/** What a call that is refused throws. */
import { SchedulerError } from 'pullgraph';

/** Calls `misuse` and returns the `SchedulerError` that it throws; any other end is an error of the test. */
export function refusalOf(misuse: () => unknown): SchedulerError {
  try {
    misuse();
  } catch (error) {
    if (error instanceof SchedulerError) return error;
    throw new Error(`expected a SchedulerError, got ${String(error)}`, { cause: error });
  }
  throw new Error('expected the call to be refused');
}
