/**
 * Commands as tasks: the types and the checks of what `run` and `lines` take. Values given directly are checked here, at
 * submission; the executor checks the results of handles when they are there.
 */
import { isInstance } from '../../core/user-value.js';
import { type CommandOutputs, CommandPlan } from '../../core/command.js';
import { CommandResult } from '../../core/command-result.js';
import { SchedulerError, shown } from '../../core/failures.js';
import { checkOptionNames } from '../../core/option-names.js';
import type { Executor } from '../../core/ports.js';
import { Handle } from '../tasks/handle.js';
import type { SubmitOptions } from './submit-options.js';

/**
 * A value that can become an argument of a command. Numbers, big integers and booleans are written as in JavaScript; a command's
 * result becomes its standard output without trailing line ends, as `$(…)` in a shell.
 *
 * @public
 */
export type CommandValue = string | number | bigint | boolean | CommandResult;

/**
 * An argument of a command, or the handle of it.
 *
 * @public
 */
export type CommandArg = CommandValue | Handle<CommandValue>;

/**
 * The standard input of a command: text, bytes, lines (each gets a line end), or the standard output of another command, byte by
 * byte.
 *
 * @public
 */
export type CommandStdin = string | Uint8Array | readonly string[] | CommandResult;

/**
 * The options of a command.
 *
 * @public
 */
export interface CommandOptions {
  /** Environment variables, added to those of this process. */
  readonly env?: Readonly<Record<string, CommandArg>>;
  /** The working directory. Default: that of this process. */
  readonly cwd?: CommandArg;
  /** The standard input. Default: empty. */
  readonly stdin?: CommandStdin | Handle<CommandStdin>;
  /**
   * Whether `/bin/sh` runs `command` as a script. The arguments become its `$1`, `$2` and so on, which the shell does not parse.
   * Default: false.
   */
  readonly shell?: boolean;
  /**
   * How many bytes are kept of the standard output (the first ones) and of the standard error (the last ones); for `lines`, also the
   * greatest length of a line. Default: the executor's, 1 MiB.
   */
  readonly maxBytes?: number;
  /** The exit codes that mean success. Default: only 0. */
  readonly okExitCodes?: readonly number[];
  /** @internal Takes the output in place of the result. */
  readonly _outputs?: CommandOutputs;
}

const NAMES = {
  env: true,
  cwd: true,
  stdin: true,
  shell: true,
  maxBytes: true,
  okExitCodes: true,
  _outputs: true,
} satisfies Record<keyof CommandOptions, true>;
const SUCCESS: readonly number[] = [0];

/** A command as a task: the options of the task and the arguments of `runCommand`. @internal */
export interface ParsedCommand {
  readonly options: SubmitOptions | undefined;
  readonly args: readonly unknown[];
}

/**
 * Separates the options of the task, the command, its arguments and its options, and checks all but the first.
 *
 * @throws SchedulerError `CommandsNotSupported`, `InvalidArgument`, `InvalidOption`.
 * @internal
 */
export function parseCommand(
  method: string,
  given: readonly unknown[],
  queue: { readonly name: string; readonly executor: Executor },
): ParsedCommand {
  if (queue.executor.runsCommands !== true) {
    throw new SchedulerError(
      'CommandsNotSupported',
      `queue ${queue.name} runs functions only (its executor is ${queue.executor.name}). To run commands, create it with ` +
        `scheduler.queue(${JSON.stringify(queue.name)}, { executor: processes() }), and import { processes } from 'pullgraph/executors'`,
      { queue: queue.name },
    );
  }
  const [first] = given;
  const options = isRecord(first) ? first : undefined;
  const [command, args = [], how = {}, ...more] = options === undefined ? given : given.slice(1);
  if (typeof command !== 'string' || command === '') {
    throw new SchedulerError('InvalidArgument', `${method} takes the name of a program, got ${shown(command)}`);
  }
  if (!Array.isArray(args)) {
    throw new SchedulerError('InvalidArgument', `the arguments of ${command} must be an array, got ${shown(args)}`);
  }
  for (const [index, arg] of args.entries()) checkArg(`argument ${index} of ${command}`, arg);
  if (!isRecord(how)) {
    throw new SchedulerError('InvalidArgument', `the options of ${command} must be an object, got ${shown(how)}`);
  }
  if (more.length > 0) throw new SchedulerError('InvalidArgument', `${method} takes nothing after the options`);
  const {
    env = {},
    cwd,
    stdin,
    shell = false,
    maxBytes,
    okExitCodes = SUCCESS,
    _outputs,
  } = checkedOptions(command, how);
  const plan = new CommandPlan(command, shell, maxBytes, okExitCodes, _outputs);
  return { options, args: [plan, args, env, cwd, stdin] };
}

function checkedOptions(command: string, how: Readonly<Record<string, unknown>>): CommandOptions {
  const options: unknown = how;
  checkOptionNames('a command', options, NAMES);
  const { env, cwd, stdin, shell, maxBytes, okExitCodes } = options;
  if (env !== undefined) {
    if (!isRecord(env)) refuse(command, 'env', 'an object', env);
    for (const [name, value] of Object.entries(env)) checkArg(`the variable ${name} of ${command}`, value);
  }
  if (cwd !== undefined) checkArg(`the folder of ${command}`, cwd);
  if (stdin !== undefined && !(stdin instanceof Handle) && !isStdin(stdin)) {
    refuse(command, 'stdin', 'text, bytes, lines, a result of a command or a handle of one of these', stdin);
  }
  if (shell !== undefined && typeof shell !== 'boolean') refuse(command, 'shell', 'true or false', shell);
  if (maxBytes !== undefined && !(isInteger(maxBytes) && maxBytes >= 1)) {
    refuse(command, 'maxBytes', 'an integer of at least 1', maxBytes);
  }
  if (okExitCodes !== undefined && !(Array.isArray(okExitCodes) && okExitCodes.every(isInteger))) {
    refuse(command, 'okExitCodes', 'an array of integers', okExitCodes);
  }
  return how;
}

function checkArg(what: string, value: unknown): void {
  if (Handle._is(value) || isInstance(value, CommandResult)) return;
  if (['string', 'number', 'bigint', 'boolean'].includes(typeof value)) return;
  throw new SchedulerError(
    'InvalidArgument',
    `${what} must be a string, number, big integer, boolean or a handle of one, got ${shown(value)}`,
  );
}

function isStdin(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((line) => typeof line === 'string');
  return typeof value === 'string' || isInstance(value, Uint8Array) || isInstance(value, CommandResult);
}

function refuse(command: string, option: string, expected: string, value: unknown): never {
  throw new SchedulerError('InvalidOption', `${option} of ${command} must be ${expected}, got ${shown(value)}`);
}

function isInteger(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
