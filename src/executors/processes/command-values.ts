/** The values that came out of handles on their way into a command: made text or bytes, or refused by their place. */
import { type CommandCall, commandCall } from '../../core/command.js';
import { CommandResult } from '../../core/command-result.js';
import { SchedulerError, shown } from '../../core/failures.js';
import type { Attempt } from '../../core/ports.js';

/**
 * A command with nothing left to ask.
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
}

/**
 * What the attempt is to run.
 *
 * @throws SchedulerError `InvalidArgument` for a value that cannot be made text.
 * @internal
 */
export function settleCommand({ id, args: given }: Attempt, defaultMaxBytes: number): SettledCommand {
  const call: CommandCall = commandCall(given);
  const { command, shell, maxBytes = defaultMaxBytes, okExitCodes } = call.plan;
  const args = call.args.map((value, index) => textOf(id, `argument ${index} of ${command}`, value));
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(call.env)) {
    const text = textOf(id, `the variable ${name} of ${command}`, value);
    // Not an assignment: a variable may have any name.
    Object.defineProperty(env, name, { value: text, enumerable: true, configurable: true, writable: true });
  }
  const cwd = call.cwd === undefined ? undefined : textOf(id, `the folder of ${command}`, call.cwd);
  const stdin = call.stdin === undefined ? undefined : inputOf(id, `the input of ${command}`, call.stdin);
  return { command, args, env, cwd, stdin, shell, maxBytes, okExitCodes };
}

function textOf(task: string, what: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  // As `$(…)` in a shell.
  if (value instanceof CommandResult) return uncut(task, what, value).stdout.replace(/[\r\n]+$/, '');
  return refuse(task, `${what} must be a string, number, big integer or boolean, got ${shown(value)}`);
}

function inputOf(task: string, what: string, value: unknown): string | Uint8Array {
  if (typeof value === 'string' || value instanceof Uint8Array) return value;
  if (value instanceof CommandResult) return uncut(task, what, value).stdoutBytes;
  if (Array.isArray(value) && value.every((line) => typeof line === 'string')) {
    return value.map((line) => `${line}\n`).join('');
  }
  return refuse(task, `${what} must be text, bytes, lines or a result of a command, got ${shown(value)}`);
}

/** Half of an output, taken for the whole, would be a mistake that nobody notices. */
function uncut(task: string, what: string, result: CommandResult): CommandResult {
  if (!result.truncated) return result;
  return refuse(task, `${what} is the output of a command that printed more than was kept: raise its maxBytes`);
}

function refuse(task: string, message: string): never {
  throw new SchedulerError('InvalidArgument', `task ${task}: ${message}`, { tasks: [task] });
}
