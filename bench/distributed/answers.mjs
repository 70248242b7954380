/** The side of a worker's program that its starter talks to: see program.ts. */
import { createInterface } from 'node:readline';

/**
 * Says `ready`, answers each line with the processor time of the process in microseconds, and calls `close` when there are no more.
 *
 * @internal
 * @param {() => Promise<unknown>} close
 */
export function answerUntilEnd(close) {
  process.stdout.write('ready\n');
  const lines = createInterface({ input: process.stdin });
  lines.on('line', () => {
    const { user, system } = process.cpuUsage();
    process.stdout.write(`${user + system}\n`);
  });
  lines.on('close', () => void close());
}
