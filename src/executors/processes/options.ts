/** The options of `processes`, checked when it is called: all other files see settled options only. */
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
   * How long, in milliseconds, an aborted command or function has to end by itself. A command gets SIGTERM at once. A function
   * that has read its signal is told through it, and its process gets SIGTERM after this time; without that, at once. A process
   * that has not ended this long after SIGTERM is killed. Default: 1,000.
   */
  readonly graceMs?: number;
  /** Environment variables set for every process besides those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** How many bytes are kept of a command's output and of its error output, unless the command says. Default: 1 MiB. */
  readonly maxBytes?: number;
  /** Most worker processes for functions at a time, an integer from 1. Default: the available parallelism. */
  readonly size?: number;
  /** How long, in milliseconds, an idle worker process is kept for the next function. Default: 5,000. */
  readonly idleMs?: number;
  /**
   * Node's own arguments for worker processes, such as `--max-old-space-size=256`. Default: those of this process, without
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
 * The options for commands, with defaults filled in.
 *
 * @internal
 */
export interface SettledOptions {
  readonly graceMs: number;
  readonly env: Readonly<Record<string, string>>;
  readonly maxBytes: number;
}

/**
 * The options for worker processes, with defaults filled in.
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
 * Checks the options for commands and fills in defaults.
 *
 * @throws SchedulerError `InvalidOption`.
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
 * As `settleOptions`, with the options for the module's functions.
 *
 * @throws SchedulerError `InvalidOption`.
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
