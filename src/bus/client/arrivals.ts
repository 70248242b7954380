/** Work for a bus to be tried with: moments that follow each other more or less regularly, and jobs as chance has them. */
import { MAX_TIMER_MS } from '../../core/timers.js';
import { systemEnvironment } from '../../system/environment.js';
import type { WantedJob } from './producer.js';
import type { BusEnvironment } from '../environment.js';

/**
 * When something is to happen again and again.
 *
 * @public
 */
export interface Arrivals {
  /** The mean time from one to the next, in milliseconds. */
  readonly periodMs: number;
  /** How far these times scatter around it, in milliseconds: a standard deviation. They are all the same when not given. */
  readonly sigmaMs?: number;
  /** How many there are; no end when not given. */
  readonly count?: number;
  /** Time and chance; the real ones when not given. */
  readonly environment?: BusEnvironment;
}

/**
 * Calls `act` at once and then again and again. Times are drawn from a normal distribution where `sigmaMs` says so; one below zero
 * counts as zero.
 *
 * @param onEnd - called after the last of `count`.
 * @returns a function that ends it early, without a call of `onEnd`.
 * @public
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

/**
 * A job of any urgency that takes up to `maxRuntime` seconds, in tenths of it.
 *
 * @public
 */
export function anyTimedJob(maxRuntime: number, chance: BusEnvironment = systemEnvironment): WantedJob {
  const priority = Math.floor(chance.random() * 11);
  return { priority, runtime: (Math.floor(chance.random() * 11) * maxRuntime) / 10 };
}

/** From a normal distribution of mean 0 and standard deviation 1, after Box and Muller. */
function normal(chance: BusEnvironment): number {
  return Math.sqrt(-2 * Math.log(1 - chance.random())) * Math.cos(2 * Math.PI * chance.random());
}
