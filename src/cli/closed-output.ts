/**
 * What becomes of a command when nobody reads what it prints any more, as in `… | head -1`: it ends, as programs do that SIGPIPE
 * ends. Node has that signal ignored and says it with an error of the stream.
 */
import { codeOfSignal, OTHER_ERROR } from './exit-codes.js';
import { say } from './say.js';

/** Ends the process as soon as something can no longer be printed, with a line where that is more than a reader who is gone. @internal */
export function endWithOutput(command: string): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(codeOfSignal('SIGPIPE'));
      if (stream === process.stdout) say(command, error.message);
      process.exit(OTHER_ERROR);
    });
  }
}
