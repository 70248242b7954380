/** The executor for processes. It only tells commands from functions, and passes each on to the part that runs them. */
import { runCommand } from '../../core/command.js';
import { SchedulerError } from '../../core/failures.js';
import type { Attempt, Executor, TaskFunction } from '../../core/ports.js';
import { CommandRuns } from './command-runs.js';
import { FunctionPool } from './function-pool.js';
import { ProcessRoom } from './process-room.js';
import { type ProcessesOptions, settleModuleOptions, settleOptions } from './options.js';

/**
 * Runs commands, which `queue.run` and `queue.lines` submit, and the functions that `moduleUrl` exports, each in its own process,
 * so that a crash there does not end yours.
 *
 * **Commands**: the queue's `concurrency` says how many run at once. Processes that a command leaves behind are ended with it.
 *
 * **Functions** are submitted as this process imports them, and run unchanged in at most `size` worker processes, one at a time
 * in each, in the order in which they reached the executor. Workers start when there is work, end after `idleMs` without any, and
 * do not keep this process alive. Arguments and results are copied by V8's serialization; at most 64 results of a generator are in
 * transit. An attempt fails with the error that its function throws; with `FunctionNotFound` if the function is not an export of
 * the module; with the module's own error, or `ModuleNotLoaded`, if it cannot be loaded; with `NotCloneable` if an argument or a result cannot be
 * copied; with `WorkerCrashed` if its process exits, crashes, is killed or runs out of memory. Functions are trusted with the
 * channel to this process: bytes written directly to its file descriptor, instead of by `process.send`, can make this process
 * throw an error that cannot be caught.
 *
 * **Both** lead a process group of their own, so that aborting an attempt also ends the processes it has started: by SIGTERM, and
 * after `graceMs` by SIGKILL. No process outlives this one, however it ends. Windows has no such groups and no SIGTERM: there the
 * tree of processes is killed at once, and a process that is killed leaves its commands behind.
 *
 * @throws SchedulerError `InvalidOption`; `WorkerFileMissing` where pullgraph was bundled into the program.
 * @public
 */
export function processes(options?: ProcessesOptions): Executor;
/** @public */
export function processes(moduleUrl: URL | string, options?: ProcessesOptions): Executor;
export function processes(first: URL | string | ProcessesOptions = {}, options: ProcessesOptions = {}): Executor {
  const room = new ProcessRoom();
  if (typeof first === 'string' || first instanceof URL) {
    const settled = settleModuleOptions(first, options);
    return new ProcessesExecutor(new CommandRuns(settled, room), new FunctionPool(settled, room));
  }
  return new ProcessesExecutor(new CommandRuns(settleOptions(first), room), undefined);
}

class ProcessesExecutor implements Executor {
  readonly name = 'processes';
  readonly runsCommands = true;
  readonly #commands: CommandRuns;
  readonly #functions: FunctionPool | undefined;

  constructor(commands: CommandRuns, functions: FunctionPool | undefined) {
    this.#commands = commands;
    this.#functions = functions;
  }

  accept(fn: TaskFunction): void {
    if (fn !== runCommand && this.#functions === undefined) throw noModule(fn);
  }

  run(attempt: Attempt): void {
    if (attempt.fn === runCommand) this.#commands.run(attempt);
    else if (this.#functions === undefined) attempt.failed(noModule(attempt.fn));
    else this.#functions.run(attempt);
  }

  abort(attempt: Attempt, reason: unknown, graceMs?: number): void {
    if (!this.#commands.abort(attempt, reason, graceMs)) this.#functions?.abort(attempt, reason, graceMs);
  }

  async close(): Promise<void> {
    await Promise.all([this.#commands.close(), this.#functions?.close()]);
  }
}

function noModule(fn: TaskFunction): SchedulerError {
  const what = fn.name === '' ? 'a function without a name' : `function ${fn.name}`;
  return new SchedulerError('FunctionNotFound', `${what}: for functions give processes() the URL of their module`);
}
