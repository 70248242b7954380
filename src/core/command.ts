/**
 * How a command passes through the scheduler as if it were a function: one function stands for all commands, and the program
 * to run is among its arguments, so that handles in them are found and replaced as in those of any task. An executor that runs
 * commands recognises the function and never calls it.
 */
import { isInstance, nameOfFunction } from './user-value.js';
import { SchedulerError } from './failures.js';
import type { TaskFunction } from './ports.js';

/**
 * Follows the processes of a command. With `push` it takes the whole output, in place of the result: also that of a command which
 * failed, timed out or was cancelled. `push` may throw, which ends the command.
 *
 * @internal
 */
export interface CommandOutputs {
  /**
   * How long, in milliseconds, a process may run, not counting how long it has waited to be started. One that times out fails with
   * `CommandFailed`, whose cause is `TaskTimedOut`. Default: no limit.
   */
  readonly timeoutMs?: number | undefined;
  /** A process is about to be started: variables for it. Followed by `end`, whether it could be started or not. */
  environment?(): Readonly<Record<string, string>>;
  /** The process of an attempt has started: what an earlier attempt printed no longer counts. */
  begin(): void;
  push?(stream: 'stdout' | 'stderr', chunk: Uint8Array): void;
  /** The process has ended, and all that it printed has been pushed. */
  end?(): void;
}

/**
 * The part of a command that is fixed at submission; the rest are the other arguments of `runCommand`.
 *
 * @internal
 */
export class CommandPlan {
  /** The program, or the script if `shell` is set. */
  readonly command: string;
  readonly shell: boolean;
  /** The executor's own bound if undefined. */
  readonly maxBytes: number | undefined;
  readonly okExitCodes: readonly number[];
  /** Where the output goes; if undefined, to the result, up to `maxBytes`. */
  readonly outputs: CommandOutputs | undefined;

  constructor(
    command: string,
    shell: boolean,
    maxBytes: number | undefined,
    okExitCodes: readonly number[],
    outputs?: CommandOutputs,
  ) {
    this.command = command;
    this.shell = shell;
    this.maxBytes = maxBytes;
    this.okExitCodes = okExitCodes;
    this.outputs = outputs;
  }
}

/**
 * The arguments of `runCommand` after handles have been replaced by their values, which are not checked yet.
 *
 * @internal
 */
export interface CommandCall {
  readonly plan: CommandPlan;
  readonly args: readonly unknown[];
  readonly env: Readonly<Record<string, unknown>>;
  readonly cwd: unknown;
  readonly stdin: unknown;
}

/**
 * Stands for any command.
 *
 * @internal
 */
export function runCommand(plan: CommandPlan): never {
  throw new SchedulerError('CommandsNotSupported', `${plan.command} is a command: only processes() can run it`);
}

/**
 * What tasks of a command are called: its program without the folder, of a shell's script the first word that sets no variable. Never
 * throws.
 *
 * @internal
 */
export function nameOfCommand([plan, args]: readonly unknown[]): string {
  try {
    if (!isInstance(plan, CommandPlan)) return 'command';
    const isShell = /sh(\.exe)?$/.test(plan.command);
    const inline: unknown = isShell && Array.isArray(args) && args[0] === '-c' ? args[1] : undefined;
    const script = plan.shell ? plan.command : inline;
    const words = typeof script === 'string' ? script.trim().split(/\s+/) : [plan.command];
    const program = words.find((word) => !/^\w+=/.test(word)) ?? '';
    return program.replace(/^.*[/\\]/, '') || 'command';
  } catch {
    return 'command';
  }
}

/** What tasks of a function or a command are called; empty for a function without a name. Never throws. @internal */
export function nameOfWork({ fn, args }: { readonly fn: TaskFunction; readonly args: readonly unknown[] }): string {
  return fn === runCommand ? nameOfCommand(args) : nameOfFunction(fn);
}

/** The program and its arguments, those as `show` gives them; undefined if it is no command that is called. @internal */
export function wordsOfCommand([plan, args]: readonly unknown[], show: (arg: unknown) => unknown) {
  return isInstance(plan, CommandPlan) && Array.isArray(args) ? [plan.command, ...args.map(show)] : undefined;
}

/**
 * Reads the arguments of an attempt whose function is `runCommand`.
 *
 * @throws SchedulerError `InvariantBroken` if they are not those of a command.
 * @internal
 */
export function commandCall(given: readonly unknown[]): CommandCall {
  const [plan, args, env, cwd, stdin] = given;
  if (isInstance(plan, CommandPlan) && Array.isArray(args) && isRecord(env)) return { plan, args, env, cwd, stdin };
  throw new SchedulerError('InvariantBroken', 'expected the arguments of a command, got others');
}

/**
 * The arguments of an attempt at a command, with one more variable for its process.
 *
 * @throws SchedulerError `InvariantBroken` if they are not those of a command.
 * @internal
 */
export function withVariable(given: readonly unknown[], name: string, value: string): readonly unknown[] {
  const { plan, args, env, cwd, stdin } = commandCall(given);
  return [plan, args, { ...env, [name]: value }, cwd, stdin];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
