/** What a user can say of `processes`, checked where it is said: everything behind this file works with settled options only. */
import { availableParallelism } from 'node:os';
import { checkOptionNames } from '../../core/option-names.js';
import { MAX_TIMER_MS } from '../../core/timers.js';
import { hrefOf, integerOption } from '../remote/option-values.js';
import { inheritedArgs } from './inherited-args.js';

/**
 * Options of `processes`.
 *
 * @public
 */
export interface ProcessesOptions {
  /**
   * How long, in milliseconds, a command or function that is aborted has to end by itself. A command is asked by SIGTERM
   * at once. A function that asked for its signal is told by it, and its process by SIGTERM when this time is over; one
   * that did not is asked by SIGTERM at once. What has not ended this long after SIGTERM is killed. Default: 1,000.
   */
  readonly graceMs?: number;
  /** Variables set for every process beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** How many bytes are kept of a command's output and of its error output, where the command does not say. Default: 1 MiB. */
  readonly maxBytes?: number;
  /** Most worker processes for functions at a time, an integer from 1. Default: the available parallelism. */
  readonly size?: number;
  /** How long, in milliseconds, a worker process without work is kept for the next function. Default: 5,000. */
  readonly idleMs?: number;
  /**
   * Arguments of Node for worker processes, such as `--max-old-space-size=256`. Default: those of this process, without
   * `--eval`, `--print`, `--input-type` and `--inspect`.
   */
  readonly execArgv?: readonly string[];
}

const NAMES = {
  graceMs: true,
  env: true,
  maxBytes: true,
  size: true,
  idleMs: true,
  execArgv: true,
} satisfies Record<keyof ProcessesOptions, true>;

/**
 * What commands need, with everything in its place.
 *
 * @internal
 */
export interface SettledOptions {
  readonly graceMs: number;
  readonly env: Readonly<Record<string, string>>;
  readonly maxBytes: number;
}

/**
 * What worker processes need, with everything in its place.
 *
 * @internal
 */
export interface ModuleOptions extends SettledOptions {
  readonly moduleHref: string;
  readonly size: number;
  readonly idleMs: number;
  readonly execArgv: readonly string[];
}

/**
 * Throws `SchedulerError` `InvalidOption` for what no process could be run with.
 *
 * @internal
 */
export function settleOptions(options: ProcessesOptions): SettledOptions {
  checkOptionNames('processes', options, NAMES);
  const { graceMs = 1_000, env = {}, maxBytes = 2 ** 20 } = options;
  return {
    graceMs: integerOption('processes', 'graceMs', graceMs, 0, MAX_TIMER_MS),
    env,
    maxBytes: integerOption('processes', 'maxBytes', maxBytes, 1, Number.MAX_SAFE_INTEGER),
  };
}

/**
 * As `settleOptions`, with what concerns the module's functions.
 *
 * @internal
 */
export function settleModuleOptions(moduleUrl: URL | string, options: ProcessesOptions): ModuleOptions {
  const settled = settleOptions(options);
  const { size = availableParallelism(), idleMs = 5_000, execArgv = inheritedArgs(process.execArgv) } = options;
  return {
    ...settled,
    moduleHref: hrefOf('processes', moduleUrl),
    size: integerOption('processes', 'size', size, 1, Number.MAX_SAFE_INTEGER),
    idleMs: integerOption('processes', 'idleMs', idleMs, 0, MAX_TIMER_MS),
    execArgv,
  };
}
