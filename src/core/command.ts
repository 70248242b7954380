/**
 * How a command passes through the scheduler as if it were a function: one function stands for all commands, and the program
 * to run is among its arguments, so that handles in them are found and replaced as in those of any task. An executor that runs
 * commands recognises the function and never calls it.
 */
import { SchedulerError } from './failures.js';

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

  constructor(command: string, shell: boolean, maxBytes: number | undefined, okExitCodes: readonly number[]) {
    this.command = command;
    this.shell = shell;
    this.maxBytes = maxBytes;
    this.okExitCodes = okExitCodes;
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
 * Reads the arguments of an attempt whose function is `runCommand`.
 *
 * @throws SchedulerError `InvariantBroken` if they are not those of a command.
 * @internal
 */
export function commandCall(given: readonly unknown[]): CommandCall {
  const [plan, args, env, cwd, stdin] = given;
  if (plan instanceof CommandPlan && Array.isArray(args) && isRecord(env)) return { plan, args, env, cwd, stdin };
  throw new SchedulerError('InvariantBroken', 'expected the arguments of a command, got others');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
