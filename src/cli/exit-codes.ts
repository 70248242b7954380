/** The exit codes of `pullgraph`, besides 0 for success. */
import { constants } from 'node:os';

/** The exit code for more than 100 failures. */
const MANY_FAILURES = 101;

/** The command line is wrong, or a file cannot be read or written. @internal */
export const OTHER_ERROR = 255;

/** The exit code for a number of failures. @internal */
export function codeOfFailures(count: number): number {
  return Math.min(count, MANY_FAILURES);
}

/** The exit code that shells report for a process ended by the signal. @internal */
export function codeOfSignal(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}
