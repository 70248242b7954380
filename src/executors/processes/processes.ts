/** The executor that runs commands, each a process of its own with all that it starts. */
import { runCommand } from '../../core/command.js';
import { SchedulerError } from '../../core/failures.js';
import type { Attempt, Executor, TaskFunction } from '../../core/ports.js';
import { CommandRun } from './command-run.js';
import { type ProcessesOptions, settleOptions } from './options.js';

/**
 * Runs commands: what `queue.run` and `queue.lines` submit. How many run at once is the queue's `concurrency`. A command
 * leads a process group of its own, which ends with it: what it has left behind is ended too, and an aborted command
 * takes all that it has started with it. No process outlives this one, unless that is killed without being asked.
 *
 * @throws SchedulerError `InvalidOption`.
 * @public
 */
export function processes(options: ProcessesOptions = {}): Executor {
  const settled = settleOptions(options);
  const running = new Map<Attempt, { readonly run: CommandRun; readonly ended: Promise<void> }>();
  return {
    name: 'processes',
    runsCommands: true,
    accept(fn: TaskFunction): void {
      if (fn === runCommand) return;
      throw new SchedulerError('FunctionNotFound', `processes() runs commands only`);
    },
    run(attempt: Attempt): void {
      const run = new CommandRun(attempt, settled);
      const ended = run.run().finally(() => running.delete(attempt));
      running.set(attempt, { run, ended });
    },
    abort(attempt: Attempt, reason: unknown, graceMs?: number): void {
      running.get(attempt)?.run.abort(reason, graceMs);
    },
    async close(): Promise<void> {
      for (const { run } of running.values()) run.abort('closed', 0);
      await Promise.all([...running.values()].map(({ ended }) => ended));
    },
  };
}
