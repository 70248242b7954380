/** What a user can say of `processes`, checked where it is said: everything behind this file works with settled options only. */
import { SchedulerError } from '../../core/failures.js';

/**
 * Options of `processes`.
 *
 * @public
 */
export interface ProcessesOptions {
  /** How long, in milliseconds, an aborted command or function has to end by itself before it is killed. Default: 1,000. */
  readonly graceMs?: number;
  /** Variables set for every process beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** How many bytes are kept of a command's output and of its error output, where the command does not say. Default: 1 MiB. */
  readonly maxBytes?: number;
}

/**
 * The options with everything in its place.
 *
 * @internal
 */
export interface SettledOptions {
  readonly graceMs: number;
  readonly env: Readonly<Record<string, string>>;
  readonly maxBytes: number;
}

// What a Node timer can wait; beyond it, it would fire at once.
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Throws `SchedulerError` `InvalidOption` for what no process could be run with.
 *
 * @internal
 */
export function settleOptions({ graceMs = 1_000, env = {}, maxBytes = 2 ** 20 }: ProcessesOptions): SettledOptions {
  return {
    graceMs: integer('graceMs', graceMs, 0, MAX_TIMER_MS),
    env,
    maxBytes: integer('maxBytes', maxBytes, 1, Number.MAX_SAFE_INTEGER),
  };
}

function integer(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new SchedulerError(
    'InvalidOption',
    `processes(): expected ${name} to be an integer from ${least} to ${most}, got ${String(value)}`,
  );
}
