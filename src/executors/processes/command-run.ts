/**
 * One attempt at a command: a process that leads a group of its own, its output, and its end. When the process has ended, the
 * rest of its group is ended; the attempt ends when the group is empty and the output has been read to its end.
 *
 * Invariant: the attempt is reported exactly once.
 */
import { isInstance } from '../../core/user-value.js';
import { statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { execa } from 'execa';
import type { CommandOutputs } from '../../core/command.js';
import { CommandResult } from '../../core/command-result.js';
import { CommandFailed, TaskCancelled, TaskTimedOut } from '../../core/failures.js';
import type { Attempt } from '../../core/ports.js';
import { traceVariables } from '../../core/trace-headers.js';
import { LineCutter, OutputHead, OutputTail, type Taken } from './command-output.js';
import { type SettledCommand, settleCommand } from './command-values.js';
import type { SettledOptions } from './options.js';
import { HAS_GROUPS, ProcessGroup } from './process-group.js';
import { checkRoom, isRefusal, type ProcessRoom } from './process-room.js';

type Stopped =
  | { readonly why: 'aborted'; readonly reason: unknown }
  | { readonly why: 'timed out'; readonly afterMs: number }
  | { readonly why: 'broken'; readonly error: unknown };

/** How a process ended. */
interface Ending {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly cause?: unknown;
}

/**
 * One running command.
 *
 * @internal
 */
export class CommandRun {
  readonly #attempt: Attempt;
  readonly #options: SettledOptions;
  readonly #room: ProcessRoom;
  #group: ProcessGroup | undefined;
  #stopped: Stopped | undefined;
  #isGroupOver = false;
  #closeOutput: () => void = () => {};
  #endWait: () => void = () => {};

  constructor(attempt: Attempt, options: SettledOptions, room: ProcessRoom) {
    this.#attempt = attempt;
    this.#options = options;
    this.#room = room;
  }

  /** Runs the command. Resolves when the attempt has been reported. */
  async run(): Promise<void> {
    const attempt = this.#attempt;
    try {
      const command = settleCommand(attempt, this.#options.maxBytes);
      const { execa: execute } = await import('execa');
      const result = await this.#outcomeOf(command, execute);
      const stopped = this.#stopped;
      if (stopped === undefined) attempt.done(attempt.stream ? undefined : result);
      else if (stopped.why === 'broken') attempt.failed(stopped.error);
      else if (stopped.why === 'aborted') attempt.failed(new TaskCancelled(attempt.id, stopped.reason));
      else attempt.failed(timedOut(attempt.id, command, result, stopped.afterMs));
    } catch (error) {
      attempt.failed(this.#stopped?.why === 'aborted' ? new TaskCancelled(attempt.id, this.#stopped.reason) : error);
    }
  }

  /** Ends the command. A second call with a grace of 0 ends it at once. */
  abort(reason: unknown, graceMs = this.#options.graceMs): void {
    this.#stopped ??= { why: 'aborted', reason };
    this.#group?.end(graceMs);
    this.#leaveOutput();
    this.#endWait();
  }

  async #outcomeOf(command: SettledCommand, execute: typeof execa): Promise<CommandResult> {
    const { id, stream } = this.#attempt;
    const { maxBytes, okExitCodes, outputs } = command;
    const stdout = new OutputHead(maxBytes);
    const stderr = new OutputTail(maxBytes);
    const lines = new LineCutter(maxBytes, (line) => this.#attempt.partial(line));
    const into =
      outputs?.push === undefined
        ? { stdout: stream ? lines : stdout, stderr }
        : { stdout: takerOf(outputs, 'stdout'), stderr: takerOf(outputs, 'stderr') };
    const step = async (others: number): Promise<Ending> =>
      this.#stopped === undefined ? this.#process(command, execute, into, others).catch(notStarted) : {};
    const ending = await this.#room.through(
      step,
      ({ cause }) => isRefusal(cause),
      (wake) => (this.#endWait = wake),
    );
    if (stream && this.#stopped === undefined) lines.end();
    const { exitCode, signal, cause } = ending;
    const result = new CommandResult({
      exitCode,
      signal,
      stdout: stdout.bytes(),
      stderr: stderr.bytes(),
      truncated: stdout.isCut || stderr.isCut,
    });
    if (this.#stopped !== undefined || (exitCode !== undefined && okExitCodes.includes(exitCode))) return result;
    const isStarted = exitCode !== undefined || signal !== undefined;
    throw new CommandFailed(id, command.command, result, isStarted ? {} : { cause: startFailure(command, cause) });
  }

  async #process(
    command: SettledCommand,
    execute: typeof execa,
    { stdout, stderr }: { readonly stdout: Taker; readonly stderr: Taker },
    others: number,
  ): Promise<Ending> {
    checkRoom(others);
    const group = new ProcessGroup(() => this.#leaveOutput(true));
    this.#group = group;
    let over: Promise<void> | undefined;
    let timer: NodeJS.Timeout | undefined;
    const endGroup = (): Promise<void> => (over ??= this.#groupEnd(group));
    try {
      const subprocess = start(command, execute, { ...this.#options.env, ...traceVariables(this.#attempt.trace) });
      group.ledBy(subprocess.pid);
      if (subprocess.pid !== undefined && command.outputs !== undefined) {
        const { timeoutMs } = command.outputs;
        command.outputs.begin();
        if (timeoutMs !== undefined)
          timer = setTimeout(() => this.#break({ why: 'timed out', afterMs: timeoutMs }), timeoutMs);
      }
      // Processes left behind may hold the output open, so this does not wait for the end of the output.
      subprocess.once('exit', () => void endGroup());
      this.#closeOutput = () => {
        subprocess.stdout.destroy();
        subprocess.stderr.destroy();
      };
      const [ending] = await Promise.all([
        subprocess,
        this.#read(subprocess.stdout, stdout),
        this.#read(subprocess.stderr, stderr),
      ]);
      return ending;
    } finally {
      clearTimeout(timer);
      await endGroup();
      command.outputs?.end?.();
    }
  }

  async #groupEnd(group: ProcessGroup): Promise<void> {
    await group.over(this.#options.graceMs);
    this.#isGroupOver = true;
    this.#leaveOutput();
  }

  /** Closes the output of a stopped command, which a process that has left the group could hold open for ever. */
  #leaveOutput(isOver = this.#isGroupOver): void {
    if (isOver && this.#stopped !== undefined) this.#closeOutput();
  }

  /** Reads the output to its end, no faster than it is taken. An error ends the command. */
  async #read(output: Readable, into: Taker): Promise<void> {
    try {
      for await (const chunk of output as AsyncIterable<Uint8Array>)
        if (this.#stopped === undefined || into.isLate === true) await into.push(chunk);
    } catch (error) {
      // This command is being ended, which closed its output.
      if (output.destroyed && this.#stopped !== undefined) return;
      this.#break({ why: 'broken', error });
    }
  }

  /** Ends the command, whose attempt fails with that. */
  #break(stopped: Stopped): void {
    this.#stopped ??= stopped;
    this.#group?.end(this.#options.graceMs);
    this.#leaveOutput();
  }
}

/** Takes one output of a command. */
interface Taker {
  /** Whether it also takes what a command prints while it is being ended. */
  readonly isLate?: boolean;
  push(chunk: Uint8Array): Taken;
}

function takerOf(outputs: CommandOutputs, stream: 'stdout' | 'stderr'): Taker {
  return { isLate: true, push: (chunk) => outputs.push?.(stream, chunk) };
}

/** The ending of a command that Node refused to start: because of a NUL byte in an argument, say. */
function notStarted(cause: unknown): Ending {
  return { cause };
}

function timedOut(id: string, { command }: SettledCommand, result: CommandResult, afterMs: number): CommandFailed {
  return new CommandFailed(id, command, result, { cause: new TaskTimedOut(id, afterMs) });
}

/** Names a missing folder as the cause: Node reports it like a missing program, as ENOENT. */
function startFailure({ cwd }: SettledCommand, cause: unknown): unknown {
  if (cwd === undefined || isFolder(cwd)) return cause;
  const code = isInstance(cause, Error) && 'code' in cause ? { code: cause.code } : {};
  return Object.assign(new Error(`${cwd} is not a folder`, { cause }), code);
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function start(
  { command, args, env, cwd, stdin, shell, outputs }: SettledCommand,
  execute: typeof execa,
  further: Readonly<Record<string, string>>,
) {
  const [file, argv] = shell && HAS_GROUPS ? ['/bin/sh', ['-c', '--', command, 'sh', ...args]] : [command, args];
  return execute(file, argv, {
    env: { ...further, ...env, ...outputs?.environment?.() },
    ...(cwd === undefined ? {} : { cwd }),
    ...(stdin === undefined ? { stdin: 'ignore' } : { input: stdin }),
    shell: shell && !HAS_GROUPS,
    detached: HAS_GROUPS,
    // living-groups.ts does this for the whole group.
    cleanup: false,
    // The output is read here, up to its bound.
    buffer: false,
    encoding: 'buffer',
    reject: false,
  });
}
