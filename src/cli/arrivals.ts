/** The load that `pullgraph produce` generates: jobs at regular or scattered intervals, of random length and priority. */
import { MAX_TIMER_MS } from '../core/timers.js';
import type { Environment } from '../core/ports.js';
import { systemEnvironment } from '../system/environment.js';
import type { WantedJob } from '../bus/index.js';

/** How often something happens. @internal */
export interface Arrivals {
  /** Mean interval, in milliseconds. */
  readonly periodMs: number;
  /** Standard deviation of the intervals, in milliseconds. Default: 0, all intervals are equal. */
  readonly sigmaMs?: number;
  /** How many arrivals there are. Default: no end. */
  readonly count?: number;
  readonly environment?: Environment;
}

/**
 * Calls `act` at once and then after every interval. With `sigmaMs`, intervals follow a normal distribution; negative ones
 * count as zero.
 *
 * @param onEnd - called after the last of `count` arrivals.
 * @returns a function that ends the arrivals early, without a call of `onEnd`.
 * @internal
 */
export function atIntervals(arrivals: Arrivals, act: () => void, onEnd?: () => void): () => void {
  const { periodMs, sigmaMs = 0, count = Number.POSITIVE_INFINITY, environment = systemEnvironment } = arrivals;
  const { clock } = environment;
  let done = 0;
  let isEnded = false;
  let stop: (() => void) | undefined;
  const next = (): void => {
    if (done === count) {
      onEnd?.();
      return;
    }
    done += 1;
    act();
    if (isEnded) return;
    const scatter = sigmaMs === 0 ? 0 : sigmaMs * normal(environment);
    stop =
      done === count
        ? clock.after(0, next)
        : clock.after(Math.min(MAX_TIMER_MS, Math.max(0, periodMs + scatter)), next);
  };
  next();
  return () => {
    isEnded = true;
    stop?.();
  };
}

/** A timed job of random priority that takes up to `maxRuntime` seconds, in steps of a tenth of that. @internal */
export function randomTimedJob(maxRuntime: number, environment = systemEnvironment): WantedJob {
  const priority = Math.floor(environment.random() * 11);
  return { priority, runtime: (Math.floor(environment.random() * 11) * maxRuntime) / 10 };
}

/** A draw from the standard normal distribution, by the Box-Muller transform. */
function normal(environment: Environment): number {
  return Math.sqrt(-2 * Math.log(1 - environment.random())) * Math.cos(2 * Math.PI * environment.random());
}
