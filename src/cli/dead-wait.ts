/** Detects a process that is about to exit although a wait of its own has not settled. */
import { complain } from './say.js';

/**
 * If the process is about to exit before the returned function has been called, reports why and sets the exit code. Node alone
 * would exit silently with code 0.
 *
 * @internal
 */
export function watchForDeadWait(command: string, exitCode: number): () => void {
  const listener = (): void => {
    complain(command, new Error('nothing is left that could settle this wait'), exitCode);
  };
  // Once: the write keeps the process alive for a moment, after which `beforeExit` comes again.
  process.once('beforeExit', listener);
  return () => void process.off('beforeExit', listener);
}
