/** What the exit codes of `pullgraph` mean, besides 0: everything was done. */
import { constants } from 'node:os';

/** The exit code for more failures than are counted. */
const MANY_FAILURES = 101;

/** The command line is wrong, or a file cannot be read or written. @internal */
export const OTHER_ERROR = 255;

/** The exit code that tells how many failed. @internal */
export function codeOfFailures(count: number): number {
  return Math.min(count, MANY_FAILURES);
}

/** The exit code of who was ended by that signal, as shells have it. @internal */
export function codeOfSignal(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}
