/**
 * Ends a command whose reader has closed the pipe, as in `… | head -1`. SIGPIPE ends other programs; Node ignores that signal and
 * emits an error on the stream instead.
 */
import { codeOfSignal, OTHER_ERROR } from './exit-codes.js';
import { say } from './say.js';

/** Ends the process as soon as output fails. Any failure other than a closed pipe is reported first. @internal */
export function endWithOutput(command: string): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(codeOfSignal('SIGPIPE'));
      if (stream === process.stdout) say(command, `standard output cannot be written: ${error.message}`);
      process.exit(OTHER_ERROR);
    });
  }
}
