/** Turns the values of a command's handles into text or bytes. A value that is neither is refused, naming its place. */
import { isInstance } from '../../core/user-value.js';
import { type CommandCall, commandCall, type CommandOutputs } from '../../core/command.js';
import { CommandResult } from '../../core/command-result.js';
import { SchedulerError, shown } from '../../core/failures.js';
import type { Attempt } from '../../core/ports.js';

/**
 * A command ready to run.
 *
 * @internal
 */
export interface SettledCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
  readonly stdin: string | Uint8Array | undefined;
  readonly shell: boolean;
  readonly maxBytes: number;
  readonly okExitCodes: readonly number[];
  readonly outputs: CommandOutputs | undefined;
}

/**
 * The command of the attempt.
 *
 * @throws SchedulerError `InvalidArgument` for a value that cannot be converted.
 * @internal
 */
export function settleCommand({ id, args: given }: Attempt, defaultMaxBytes: number): SettledCommand {
  const call: CommandCall = commandCall(given);
  const { command, shell, maxBytes = defaultMaxBytes, okExitCodes, outputs } = call.plan;
  const args = call.args.map((value, index) => textOf(id, `argument ${index} of ${command}`, value));
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(call.env)) {
    const text = textOf(id, `the variable ${name} of ${command}`, value);
    // Assignment would take a variable `__proto__` for the prototype.
    Object.defineProperty(env, name, { value: text, enumerable: true, configurable: true, writable: true });
  }
  const cwd = call.cwd === undefined ? undefined : textOf(id, `the folder of ${command}`, call.cwd);
  const stdin = call.stdin === undefined ? undefined : inputOf(id, `the input of ${command}`, call.stdin);
  return { command, args, env, cwd, stdin, shell, maxBytes, okExitCodes, outputs };
}

function textOf(task: string, what: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  // As `$(…)` in a shell.
  if (isInstance(value, CommandResult)) return uncut(task, what, value).stdout.replace(/[\r\n]+$/, '');
  return refuse(task, `${what} must be a string, number, big integer or boolean, got ${shown(value)}`);
}

function inputOf(task: string, what: string, value: unknown): string | Uint8Array {
  if (typeof value === 'string' || isInstance(value, Uint8Array)) return value;
  if (isInstance(value, CommandResult)) return uncut(task, what, value).stdoutBytes;
  if (Array.isArray(value) && value.every((line) => typeof line === 'string')) {
    return value.map((line) => `${line}\n`).join('');
  }
  return refuse(task, `${what} must be text, bytes, lines or a result of a command, got ${shown(value)}`);
}

/** Refuses a truncated output: taken for the whole, it would be an error that goes unnoticed. */
function uncut(task: string, what: string, result: CommandResult): CommandResult {
  if (!result.truncated) return result;
  return refuse(
    task,
    `${what} is the output of a command that printed more than its maxBytes, so part of it is missing: raise maxBytes`,
  );
}

function refuse(task: string, message: string): never {
  throw new SchedulerError('InvalidArgument', `task ${task}: ${message}`, { tasks: [task] });
}
