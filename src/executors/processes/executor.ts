/** The executor that runs commands and functions in processes: it tells the two apart, and nothing else. */
import { runCommand } from '../../core/command.js';
import { SchedulerError } from '../../core/failures.js';
import type { Attempt, Executor, TaskFunction } from '../../core/ports.js';
import { CommandRuns } from './command-runs.js';
import { FunctionPool } from './function-pool.js';
import { type ProcessesOptions, settleModuleOptions, settleOptions } from './options.js';

/**
 * Runs commands, which `queue.run` and `queue.lines` submit, and the functions that `moduleUrl` exports, each in a process
 * of its own, whose end is not that of this one.
 *
 * **Commands**: how many run at once is the queue's `concurrency`. What a command has left behind is ended with it.
 *
 * **Functions** are submitted as this process imports them, and run unchanged in at most `size` worker processes, one at
 * a time in each, in the order in which they came to the executor. Workers are started when there is work, end when there
 * is none for `idleMs`, and do not keep this process alive. Arguments and results are copied by V8's serialization; of a
 * generator at most 64 results are on their way. An attempt fails with what its function throws; with `FunctionNotFound`
 * where the function is not an export of the module; with what the module throws where it cannot be loaded; with
 * `NotCloneable` where an argument or a result cannot cross; with `WorkerCrashed` where its process exits, crashes, is
 * killed or runs out of memory. Functions are trusted with the channel to this process: bytes that they write to its file
 * descriptor by themselves, past `process.send`, can make this process throw where nobody can catch it.
 *
 * **Both** fail with `MissingPackage` where execa, which starts them, is not installed, and lead a process group of their own, so that with an aborted attempt goes all that it has started: asked by
 * SIGTERM, and killed after `graceMs`. No process outlives this one; only where this one is killed without being asked
 * (SIGKILL), commands do. Windows has no such groups and no SIGTERM: there the tree of processes is killed at once.
 *
 * @throws SchedulerError `InvalidOption`.
 * @public
 */
export function processes(options?: ProcessesOptions): Executor;
/** @public */
export function processes(moduleUrl: URL | string, options?: ProcessesOptions): Executor;
export function processes(first: URL | string | ProcessesOptions = {}, options: ProcessesOptions = {}): Executor {
  if (typeof first === 'string' || first instanceof URL) {
    const settled = settleModuleOptions(first, options);
    return new ProcessesExecutor(new CommandRuns(settled), new FunctionPool(settled));
  }
  return new ProcessesExecutor(new CommandRuns(settleOptions(first)), undefined);
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
