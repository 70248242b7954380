/** A process that waits for something while nothing is left that could bring it about. */
import { complain } from './say.js';

/**
 * Where the process is about to end by itself before the returned function has been called, says so and sets the exit code;
 * Node alone would end it in silence.
 *
 * @internal
 */
export function watchForVainWait(command: string, exitCode: number): () => void {
  const listener = (): void => {
    complain(command, new Error('waits for something that will never come'), exitCode);
  };
  // What is written may take its time, after which the process is about to end once more.
  process.once('beforeExit', listener);
  return () => void process.off('beforeExit', listener);
}
