/** Which packages the subcommands need that are not installed with pullgraph. */
import { createRequire } from 'node:module';

const NEEDED = new Map([
  ['exec', ['commander', 'cli-progress']],
  ['run', ['commander', 'cli-progress']],
  ['bus', ['commander', 'ws']],
  ['produce', ['commander', 'ws']],
  ['schedule', ['commander', 'ws']],
  ['worker', ['commander', 'bullmq', 'ioredis', 'piscina']],
]);

/** Those of them that are not installed; of what is no subcommand, those that print the help. @internal */
export function missingPackages([subcommand = '', ...options]: readonly string[]): readonly string[] {
  const { resolve } = createRequire(import.meta.url);
  const needed = NEEDED.get(subcommand) ?? ['commander'];
  // The functions of jobs run on threads.
  const isWithTasks = options.some((option) => /^--tasks(=|$)/.test(option));
  const isInspected = options.some((option) => /^--inspect(=|-|$)/.test(option));
  return [...needed, ...(isWithTasks ? ['piscina'] : []), ...(isInspected ? ['ws'] : [])].filter((name) => {
    try {
      resolve(name);
      return false;
    } catch {
      return true;
    }
  });
}
